"""The training curve as CSV, every 250th step: python curve.py m1.log m2.log m3.log > curve.csv"""

import re
import sys

NAMES = ["lookup", "episode", "label loss", "language", "probe"]
LINE = re.compile(r"step (\d+) \d+s ([\d.]+)M rate (\S+) " + " ".join(rf"{n} (\S+)" for n in NAMES))


def main():
    rows = []
    for log in sys.argv[1:]:
        text = open(log, encoding="utf-8").read()
        if resumed := re.search(r"resumed at step (\d+)", text):
            # What the phase before did after the state that this one went on from is lost.
            rows = [row for row in rows if int(row[0]) <= int(resumed[1])]
        rows += LINE.findall(text)
    print(",".join(["step", "million_tokens", "rate"] + [n.replace(" ", "_") for n in NAMES]))
    for row in rows:
        if int(row[0]) % 250 == 0:
            print(",".join(row))


if __name__ == "__main__":
    main()
