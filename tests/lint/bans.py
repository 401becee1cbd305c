"""What our code does not use, and what it uses instead. Searched in code only, without comments and
literals, in the rooms of the product."""
import re

from source_tree import PRODUCT


class Ban:
    """`allowed`: path beginnings where the word is at home."""

    def __init__(self, pattern, instead, allowed=()):
        self.pattern = re.compile(pattern)
        self.instead = instead
        self.allowed = tuple(allowed)


LINUX = ("interpose/", "cli/main.cc")

BANS = (
    Ban(r"\bsteady_clock\s*::\s*now\b", "the Clock of core/sched/clock.h", ("interpose/sys/",)),
    Ban(r"\bsystem_clock\b", "the Clock of core/sched/clock.h", ("interpose/sys/",)),
    Ban(r"\bclock_gettime\s*\(|\bgettimeofday\s*\(", "the Clock of core/sched/clock.h",
        ("interpose/",)),
    Ban(r"\bsleep_(for|until)\b|\b(u|nano)?sleep\s*\(", "an event, or await_sleep in a fiber"),
    Ban(r"\bs?rand\s*\(", "the Rng you were given (core/base/draw.h)"),
    Ban(r"\brandom_device\b", "the seeds of the Schedule"),
    Ban(r"\bgetenv\b", "what cli/main hands down", LINUX),
    Ban(r"\bthrow\b", "a Result, or FB_CHECK for what only a bug can cause"),
    # Asking for the number of processors starts no thread.
    Ban(r"\bstd\s*::\s*(jthread|thread|async)\b(?!\s*::\s*hardware_concurrency)|\bpthread_create\b",
        "a fiber (core/runtime/fiber.h)"),
    Ban(r"\bstd\s*::\s*(mutex|shared_mutex|condition_variable)\b", "one loop, one thread: no locks"),
    Ban(r"\b(co_await|co_yield|co_return)\b", "a fiber: coroutines of g++ 12 are broken"),
    Ban(r"\bstd\s*::\s*(exit|quick_exit|abort|terminate)\b|(?<!\w)::\s*_?exit\s*\(",
        "a Result: nothing below main ends the process", LINUX + ("core/base/check.cc",)),
)

# Headers of Linux and POSIX: only interpose/ speaks to the kernel.
_LINUX_HEADER = re.compile(
    r"(sys|linux|asm|asm-generic|net|netinet|arpa|rpc)/.*"
    r"|(aio|cpio|dirent|dlfcn|elf|err|error|fcntl|fmtmsg|fnmatch|fts|ftw|getopt|glob|grp|ifaddrs"
    r"|langinfo|libgen|link|malloc|monetary|mqueue|mntent|ndbm|netdb|nl_types|poll|pthread|pty|pwd"
    r"|regex|resolv|sched|search|seccomp|semaphore|shadow|signal|spawn|strings|syscall|sysexits"
    r"|syslog|tar|termios|trace|ucontext|ulimit|unistd|utime|utmpx|wait|wordexp)\.h"
    r"|thread|mutex|shared_mutex|condition_variable|future|csignal")

# Spelt so that this line is no offence itself.
_UNFINISHED = re.compile(r"\b(FIX[M]E|TO[D]O)\b")
# Paths of the machine something was written on.
_MACHINE_PATH = re.compile(r"(?<![\w.])/(work|root)/\w")


def check_bans(sources):
    problems = []
    for source in sources:
        if source.room not in PRODUCT or not source.is_cpp:
            continue
        code = source.code
        for ban in BANS:
            if source.path.startswith(ban.allowed):
                continue
            for found in ban.pattern.finditer(code):
                line = code.count("\n", 0, found.start()) + 1
                problems.append(f"{source.path}:{line}: {found.group().strip()}: "
                                f"use {ban.instead}")
    return problems


# Single headers at home in single files.
_ALLOWED_HEADERS = {
    ("cli/test_options.cc", "thread"),  # the number of processors, for --jobs auto
}


def check_headers(sources):
    problems = []
    for source in sources:
        if source.room not in PRODUCT or source.path.startswith(LINUX):
            continue
        for line, bracket, name in source.includes():
            if (source.path, name) in _ALLOWED_HEADERS:
                continue
            if bracket == "<" and _LINUX_HEADER.fullmatch(name):
                problems.append(f"{source.path}:{line}: #include <{name}>: Linux, POSIX and threads "
                                "live in interpose/ only")
    return problems


def check_text(sources):
    """In every file, comments and literals included."""
    problems = []
    for source in sources:
        for number, line in enumerate(source.text.splitlines(), 1):
            found = _UNFINISHED.search(line)
            if found:
                problems.append(f"{source.path}:{number}: {found.group()}: finish it, or write down "
                                "what is missing where users read it")
            found = _MACHINE_PATH.search(line)
            if found:
                problems.append(f"{source.path}:{number}: {found.group()}…: a path of one machine")
    return problems
