"""Writes the man page faultbox(1) from the program's own help, so that it cannot be out of date.

    python3 man_page.py FAULTBOX > faultbox.1
"""
import re
import subprocess
import sys

INTRODUCTION = r'''.TH FAULTBOX 1 "" "faultbox {version}" "User commands"
.SH NAME
faultbox \- deterministic fault injection and model checking of real programs
.SH SYNOPSIS
.B faultbox
.I COMMAND
[\fIflags\fR] \&...
.SH DESCRIPTION
.B faultbox
runs the services that a Starlark file describes, decides every system call of theirs that the file names (allow, deny with an errno, delay, hold), and
checks what must hold. With \fB\-\-explore=all\fR it runs them through every inequivalent order.
.SH COMMANDS
'''

END = r'''.SH EXIT STATUS
.TP
.B 0
all selected tests passed, nothing found, or done
.TP
.B 1
usage, unreadable file, load error, or an internal error
.TP
.B 2
a test failed, or a difference or an error was found; with \fB\-\-strict\fR also warnings
.TP
.B 3
explored without failure but not exhausted (only with \fB\-\-require\-exhausted\fR)
.TP
.B 125
with \fB\-\-bisect\fR: cannot be judged
.TP
.B 130, 143
interrupted by SIGINT, SIGTERM
.PP
.B faultbox run
passes on the code of the program; 128+N when signal N ended it, 127 when it cannot be executed.
.SH ENVIRONMENT
.BR NO_COLOR ", " TERM ", " CI ", " DOCKER_HOST ", " TMPDIR ", " XDG_RUNTIME_DIR ", " PATH
.SH SEE ALSO
.BR strace (1),
.BR seccomp (2)
'''


def escaped(text):
    return text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")


def main(binary):
    def output(*words):
        return subprocess.run([binary, *words], capture_output=True, text=True, check=True).stdout
    page = INTRODUCTION.replace("{version}", output("version").split()[1])
    for name, summary in re.findall(r"^  ([a-z]+) +(.*)$", output("help"), re.M):
        page += f".SS {name}\n{escaped(summary[0].upper() + summary[1:])}.\n.PP\n.nf\n"
        for line in output(name, "--help").splitlines():
            page += "\\&" + escaped(line) + "\n"
        page += ".fi\n"
    print(page + END, end="")


if __name__ == "__main__":
    main(sys.argv[1])
