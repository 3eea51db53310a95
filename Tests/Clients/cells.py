"""What to say to a kernel to have it do what a test needs: one table per kernel."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cells:
    language: str
    extension: str
    hello: str  # prints "hello, world"
    stderr: str  # writes to standard error
    error: str  # fails
    result: str  # has a value
    display: str  # displays something
    display_mime: str
    trivial: str  # does next to nothing
    clear: str  # clears the output
    page: str  # sends exactly one page to the pager
    inspect: str  # something that has documentation
    complete: list  # pieces of code
    incomplete: list
    invalid: list
    completion: list  # (text, matches)
    history_pattern: str  # matches exactly one of `result` and its repetitions
    sleep: str | None = None  # takes half a minute unless it is interrupted
    lines: str | None = None  # prints 10,000 lines
    ask: str | None = None  # asks for input and prints the answer
    linger: float = 30  # seconds that `sleep` takes


FATHOM = Cells(
    language="fathom",
    extension=".fathom",
    hello='print "hello, world"',
    stderr='warn "careful"',
    error="no_such_verb",
    result="[1, 2]",
    display="show 42",
    display_mime="text/plain",
    trivial="1",
    clear="clear",
    page="print?",
    inspect="print",
    complete=["print 1", "x = 2"],
    incomplete=["print [1,", "x = 1 |"],
    invalid=["= ="],
    completion=[("warn", {"warn"})],
    history_pattern="[[]1, 2]",
    sleep="saliency mini sst2 samples=800 seed=1..50",
    lines='print "' + r"line\n" * 9_999 + 'line"',
)

ECHO = Cells(
    language="echo",
    extension=".txt",
    hello="print hello, world",
    stderr="warn careful",
    error="fail badly",
    result="1 + 1",
    display="display it",
    display_mime="image/svg+xml",
    trivial="print 1",
    clear="clear",
    page="page one",
    inspect="print",
    complete=["print 1"],
    incomplete=["print \\"],
    invalid=[")"],
    completion=[("pr", {"print"}), ("s", {"sleep"})],
    history_pattern="1 [+] 1",
    sleep="sleep 30",
    lines="lines 10000",
    ask="ask name?",
)

KERNELS = {"fathom": FATHOM, "echo": ECHO}
