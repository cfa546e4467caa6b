//===- Interrupt.cpp - Ctrl-C stops a run, not a program ------------------===//

#include "nmc/Support/Interrupt.h"

#include <csignal>

static volatile std::sig_atomic_t interrupted = 0;

static void onSignal(int signal) {
  interrupted = 1;
  std::signal(signal, SIG_DFL);
}

void nmc::catchInterrupts() {
  std::signal(SIGINT, onSignal);
  std::signal(SIGTERM, onSignal);
}

bool nmc::isInterrupted() { return interrupted != 0; }
