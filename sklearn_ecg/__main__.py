"""Start the command line: python -m sklearn_ecg."""

import signal

if __name__ == "__main__":
    # Ctrl-C while modules are imported, which takes a second or two, ends this without a traceback.
    on_interrupt = signal.getsignal(signal.SIGINT)
    if on_interrupt is not signal.SIG_IGN:  # which a shell sets for work in the background
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from sklearn_ecg._command_line import run_as_program

    signal.signal(signal.SIGINT, on_interrupt)
    run_as_program()
