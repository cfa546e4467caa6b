// The keyword-spotting network of the records abr-kws-390-256-256-29 in
// loihi1.csv: three dense layers, 10 steps.  Its weights are not published with
// the records, so they are abstract here: the network can be mapped, not run.
spike.network @kws(%x: !spike.stream<390xi1>) -> !spike.stream<29xi1>
    attributes {steps = 10 : i64, state = #spike.state<sample>} {
  %in = spike.input @features(%x) : !spike.stream<390xi1> -> !spike.stream<390xi1>
  %c1 = spike.dense %in weights(#spike.abstract<tensor<256x390xi8>>)
      : !spike.stream<390xi1> -> !spike.current<256xi32>
  %s1 = spike.if @hidden1(%c1) {threshold = dense<64> : tensor<i32>}
      : (!spike.current<256xi32>) -> !spike.stream<256xi1>
  %c2 = spike.dense %s1 weights(#spike.abstract<tensor<256x256xi8>>)
      : !spike.stream<256xi1> -> !spike.current<256xi32>
  %s2 = spike.if @hidden2(%c2) {threshold = dense<64> : tensor<i32>}
      : (!spike.current<256xi32>) -> !spike.stream<256xi1>
  %c3 = spike.dense %s2 weights(#spike.abstract<tensor<29x256xi8>>)
      : !spike.stream<256xi1> -> !spike.current<29xi32>
  %s3 = spike.if @characters(%c3) {threshold = dense<64> : tensor<i32>}
      : (!spike.current<29xi32>) -> !spike.stream<29xi1>
  spike.output %s3 : !spike.stream<29xi1>
}
