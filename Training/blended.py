"""Sets put together from others, for kinds of task that no single set of the corpus has.

Opinion against fact, feelings in dialogues, three-way outlook, and rising and falling markets (with sentences that are
made up here). They are of the same kinds as the sets on which in-context learning is judged, whose texts are never
seen; those are judged with arbitrary label words, so that it does not help to know what a class is called.
"""

import re

BLENDED = {"opinion_fact", "feelings", "outlook", "markets"}
OPINIONS = ("sst2", "mr", "cr", "yelp_sentences", "imdb_openings", "sst5")
# People and what they do, and the world; of sentence pairs the first.
FACTS = {"wikipedia_sentences": 20000, "snli": 9000, "mnli": 5000, "agnews_desc": 6000, "sick": 2000}
ABOUT_STORIES = re.compile(r"\b(film|novel|series|story|stories|character|episode|drama|comedy|actor|actress)s?\b", re.I)
FEELINGS = {
    "happy": ("joy", "amusement", "excitement", "love"),
    "sad": ("sadness", "disappointment", "grief", "remorse"),
    "angry": ("anger", "annoyance", "disgust"),
    "others": ("no emotion", "neutral", "curiosity"),
}
OUTLOOK = {
    "negative": ("negative", "very negative", "disappointment", "annoyance"),
    "neutral": ("neutral", "no emotion"),
    "positive": ("positive", "very positive", "gratitude", "admiration"),
}
RISING = re.compile(
    r"\b(rose|rises?|rising|gain(s|ed)?|jump(s|ed)?|surg(es?|ed)|higher|increas(es?|ed)|grew|growth|climb(s|ed)|"
    r"record|strong(er)?|beats?|improv(es?|ed)|expand(s|ed)?|boost(s|ed)?|rall(y|ies|ied)|wins?|doubled)\b", re.I)
FALLING = re.compile(
    r"\b(f[ae]ll(s|en)?|falling|drop(s|ped)?|loss(es)?|lower|cuts?|slump(s|ed)?|declin(es?|ed)|weak(er)?|"
    r"decreas(es?|ed)|slid(es?)?|tumbl(es?|ed)|layoffs?|plung(es?|ed)|warn(s|ed|ing)|bankruptcy|down|hurts?|worst?)\b", re.I)

COMPANIES = (
    "the company|the group|the firm|the bank|the retailer|the carmaker|the airline|"
    "the maker of paper|the builder|it").split("|")
FIGURES = (
    "net sales|operating profit|revenue|turnover|pretax profit|orders|net income|"
    "earnings per share|exports|output|deliveries|demand|its market share|cash flow").split("|")
UP = "rose|increased|grew|went up|climbed|improved|jumped|was up".split("|")
DOWN = "fell|decreased|dropped|went down|declined|shrank|slipped|was down".split("|")
GOOD = [
    "won an order worth {m}", "will hire {n} people", "expects a better result this year",
    "raised its outlook for {y}", "swung to a profit of {m}", "beat expectations in the {q} quarter",
    "will raise its dividend",
]
BAD = [
    "will lay off {n} people", "will close its plant in {c}", "cut its outlook for {y}",
    "issued a profit warning", "made a loss of {m}", "missed expectations in the {q} quarter",
    "will pay no dividend", "begins talks about the dismissal of {n} employees",
]
PLAIN = [
    "has its headquarters in {c}", "employs {n} people", "was founded in {y}",
    "will publish its report for the {q} quarter on Tuesday", "makes machines for the paper industry",
    "is listed on the stock exchange of {c}", "did not disclose the value of the deal",
    "has offices in {c} and sells to {n} customers", "will move to {c} in {y}",
    "named a new chairman of the board", "signed an agreement with a supplier from {c}",
]
CITIES = "Berlin|London|Oslo|Paris|Warsaw|Chicago|Stockholm|Moscow|Vienna|Shanghai|Madrid|Riga".split("|")


def spaced(text):
    """As review corpora are written: lower case, a blank on both sides of every mark."""
    return " ".join(re.findall(r"'[a-z]+|[\w\-]+|[^\w\s]", text.lower()))


def without_handles(text):
    text = re.sub(r"https?://\S+|\[(NAME|RELIGION)\]|^RT\b", "", text)
    return re.sub(r"\s+", " ", re.sub(r"[@#](\w*)", lambda m: m.group(1) if m.group(0)[0] == "#" else "", text)).strip()


def blended(sets, rng):
    """Sets for opinion against fact, feelings in dialogues, three-way outlook, and rising and falling markets."""
    made = {name: [] for name in ("opinion_fact", "feelings", "outlook", "markets")}
    opinions = [text for name in OPINIONS for text, _ in sets[name]]
    facts = [text for text, _ in sets["wikipedia_sentences"] if ABOUT_STORIES.search(text)]
    for name, count in FACTS.items():
        facts += [text.split(" / ")[0] for text, _ in rng.sample(sets[name], min(count, len(sets[name])))]
    made["opinion_fact"] += [(spaced(t), "opinion") for t in rng.sample(opinions, 40000)]
    made["opinion_fact"] += [(spaced(t), "fact") for t in facts]
    emotional = ("emotion_unified", "goemotions", "tweet_emotion")
    plain = [without_handles(t) for name in ("hwu64", "clinc150", "sgd_intent") for t, _ in sets[name]]
    plain += [without_handles(t) for t, label in sets["goemotions"] if label in FEELINGS["others"]]
    for label, kinds in FEELINGS.items():
        rows = [without_handles(t) for name in emotional for t, kind in sets[name] if kind in kinds]
        if label == "others":
            rows += rng.sample(plain, 6000)
        for text in rows:
            before = rng.choice([[], [], [plain], [plain, plain]])
            made["feelings"].append((" ".join([rng.choice(p)[:80] for p in before] + [text]), label))
    for label, kinds in OUTLOOK.items():
        for name in ("tweet_sentiment", "sst5", "yelp_sentences", "goemotions", "emotion_unified"):
            made["outlook"] += [(without_handles(t), label) for t, kind in sets[name] if kind in kinds]
    for name in ("agnews", "agnews_desc"):
        for text, label in sets[name]:
            if label == "Business":
                up, down = len(RISING.findall(text)), len(FALLING.findall(text))
                kind = "rising" if up > down else "falling" if down > up else "steady" if up + down == 0 else None
                if kind:
                    made["markets"].append((spaced(text) if rng.random() < 0.3 else text, kind))
    made["markets"] += [market_report(rng) for _ in range(9000)]
    return made


def market_report(rng):
    """A made-up sentence of business news that tells of a rise, a fall or neither."""
    kind = rng.choice(["rising", "falling", "steady"])
    amount = lambda: f"{rng.choice(['EUR', 'USD', '$', 'GBP'])} {rng.uniform(0.5, 900):.1f} {rng.choice(['mn', 'million', 'billion', 'm'])}"
    fill = lambda text: text.format(
        m=amount(), n=rng.randrange(20, 3000), y=rng.randrange(1950, 2012), q=rng.choice(["first", "second", "third", "fourth"]), c=rng.choice(CITIES))
    if kind == "steady" or rng.random() < 0.35:
        text = f"{rng.choice(COMPANIES)} " + fill(rng.choice({"rising": GOOD, "falling": BAD, "steady": PLAIN}[kind]))
    else:
        move = rng.choice(UP if kind == "rising" else DOWN)
        figure = rng.choice(FIGURES)
        text = rng.choice([
            f"{figure} {move} to {amount()} from {amount()}", f"{figure} {move} by {rng.uniform(0.4, 60):.1f} %",
            f"{rng.choice(COMPANIES)} said {figure} {move} {rng.randrange(2, 60)} percent to {amount()}",
            f"in the {rng.choice(['first', 'second', 'third', 'last'])} quarter , {figure} {move} to {amount()}"])
    text = text[:1].upper() + text[1:]
    if rng.random() < 0.3:
        text += f" , {rng.choice(COMPANIES)} said on {rng.choice(['Monday', 'Tuesday', 'Thursday', 'Friday'])}"
    return text + (" ." if rng.random() < 0.7 else "."), kind
