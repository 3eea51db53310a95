"""Greedy continuations of the embedded model by `transformers`, for the tests of `generate`.

    python make.py

Writes continuations.json beside itself. Made with transformers on float32 weights.
"""

import json
import pathlib

import torch
import transformers

HERE = pathlib.Path(__file__).resolve().parent
MINI = HERE.parents[2] / "Sources/Checkpoints/Resources/mini"

PROMPTS = [
    "Review: a fine film.\nSentiment:",
    "The question is",
    "Text: what is the capital of France?\nLabel: Location\nText: who wrote it?\nLabel:",
]


def main():
    tokenizer = transformers.AutoTokenizer.from_pretrained(MINI)
    model = transformers.AutoModelForCausalLM.from_pretrained(MINI, dtype=torch.float32).eval()
    cases = []
    for prompt in PROMPTS:
        ids = tokenizer(prompt, return_tensors="pt")
        with torch.no_grad():
            output = model.generate(**ids, do_sample=False, max_new_tokens=20)[0].tolist()
        start = ids["input_ids"].shape[1]
        added = output[start:]
        if tokenizer.eos_token_id in added:
            added = added[: added.index(tokenizer.eos_token_id)]
        cases.append(
            {
                "prompt": prompt,
                "ids": output[:start],
                "added": added,
                "continuation": tokenizer.decode(added),
            }
        )
    text = json.dumps(
        {"versions": {"transformers": transformers.__version__, "torch": torch.__version__}, "cases": cases},
        indent=1,
        ensure_ascii=False,
    )
    (HERE / "continuations.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
