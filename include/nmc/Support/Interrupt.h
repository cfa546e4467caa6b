//===- Interrupt.h - Ctrl-C stops a run, not a program ----------*- C++ -*-===//
#ifndef NMC_SUPPORT_INTERRUPT_H
#define NMC_SUPPORT_INTERRUPT_H

namespace nmc {
/// From now on SIGINT and SIGTERM set a flag; a second one ends the program.
void catchInterrupts();
/// Whether the flag is set.  Long loops ask and stop where their results so far
/// are whole.
bool isInterrupted();
} // namespace nmc

#endif // NMC_SUPPORT_INTERRUPT_H
