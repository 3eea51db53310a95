import CommandLanguage

extension Fathom {
  /// Pages of help that are not about one verb.
  static let topics = [language, lists, prompts, save]

  private static let language = HelpTopic(
    "language", summary: "The grammar on one page.",
    text: """
      One statement a line: NAME = VERB ARGUMENTS, or VERB ARGUMENTS, or a value to look at.

        gpt2 = load "models/gpt2"
        p = prompt sst2 shots=1 seed=42    # options are key=value, in any order
        prompt sst2 | show                 # a pipe hands the value on as first argument
        show (prompt sst2 seed=3)          # parentheses where a value is wanted
        p.tokens                           # a field

      Values are numbers, strings "..." (with \\n \\t \\" \\\\ \\u{...}), true, false, bare words, \
      lists [a, b], ranges 1..5 and 0..100..10 (both ends included), maps {"0": "negative"}, and what \
      verbs give back.

      An indented line goes on with the statement above it; so does a line after an open bracket or a \
      trailing pipe. A # begins a comment. _ is the value of the last statement. A ; at the end keeps \
      the value of a cell from being shown.
      """)

  private static let lists = HelpTopic(
    "lists", summary: "Running a verb over lists.",
    text: """
      Give an analysis, prompt or generate a list or a range where it wants one value, and it runs \
      for every combination:

        generate mini "The" temperature=0.8 seed=1..3

      The result is a grid. Its table and its plot show the mean and the 95 % interval (Student's t) \
      over seed=; all other lists are rows and curves of their own. g.cells is the list of results, \
      g[0] the first, g.NAME their fields of that name. save writes one row an observation, with one \
      column a list.
      """)

  private static let prompts = HelpTopic(
    "prompts", summary: "What a prompt is, and whose tokens it has.",
    text: """
      A prompt of a data set is demonstrations and a query, written by the template of the data set \
      and joined by newlines. seed= chooses the demonstrations and shuffles the test rows; query=N \
      asks about the N-th of those, from 0.

        prompt sst2 shots=1 seed=42 query=0
        prompt sst2 text="what a waste of time " answer=negative

      A raw prompt is a text or token ids as they are. labels= are what the model chooses from:

        prompt text="good: Positive\\nbad:" labels=[" Negative", " Positive"] answer=" Negative"
        prompt tokens=[464, 3807] labels=[36183, 33733] answer=33733

      Every token has a role: text and label of a demonstration, format (what the template adds), \
      query, and target, the last token, where the model answers. The first token of a label word \
      stands for its class, so that label words must begin with different tokens. labels= gives \
      others, in class order or as a map from class to word, with a blank in front if they have none; \
      labels=unrelated are the letters A, B, C …; relabel keeps them for several verbs.

      Tokens are those of model=; without it, of the model in your variables if there is one only, \
      else of mini. An analysis on another model writes a prompt of text anew for that model. Token ids \
      given with model= are for that model alone.
      """)

  private static let save = HelpTopic(
    "save", summary: "What save writes, file by file.",
    text: """
      A .fathom script is one command that makes the value again, with models and data sets written \
      out. A list, map or number is saved as .json, too. A file is complete or absent.

      prompt .json: text, tokens (ids), pieces, roles (one a token), label_positions (for each class), \
      target, demonstrations (rows of the train split, in prompt order), query (row of the test \
      split), label_words, answer.

      prompt .csv: position, id, piece, role, class.

      tokens: position, id, piece, start, end (offsets in UTF-8 bytes). generate: position, id, piece.

      saliency: layer, wp, pq, ww (means over samples), wp_relative, pq_relative, ww_relative. \
      attention: layer, auc, r; of one prompt, and its by_class, layer and one column a class. isolate: \
      one row a sample with index, gold, predicted, isolated (the answer then), stays, overlap (of the \
      likeliest words), words, words_isolated. evaluate: one row a sample with index, gold, predicted, \
      correct, and one column a class probability; .by_class of it: class, rows, answers, correct, \
      accuracy, from, to (its 95 % interval), precision, f1. confuse: one row a pair of classes with \
      first, second, predicted, auc. describe check=true: check, measured, tolerance, result, of, \
      advice.

      reweight: method, shots, accuracy, lower, upper (95 % interval), correct, samples. Its rows: index, \
      gold, vanilla, reweighted, baseline. Its beta: layer, head, label, beta; its training: epoch, loss. \
      reweight .safetensors: beta [L, H, C], H = 1 with shared=true.

      compress: method, label_loyalty, word_loyalty, accuracy, kept_tokens; its timing: method, \
      milliseconds, speed_up; of one prompt: method, answer, probability, word_loyalty, words, kept_tokens.

      anchors .safetensors: tokens and positions (I64 [P]), length and start (I64 [1]), key.{l} and \
      value.{l} [G, P, d]; the model's fingerprint is in the metadata. anchors .csv: position, id, piece.

      trace .safetensors, float32: tokens (I64 [T]), logits [V] at the last position, hidden.{l} \
      [T, C] (0 is the embedding), query.{l} [H, T, d], key.{l} and value.{l} [G, T, d], attention.{l} \
      [H, T, T], and for a prompt with labels and an answer attention_gradient.{l} [H, T, T] and \
      saliency.{l} [T, T]. Layers count from 0.

      A grid: the columns of its results after one column a list.
      """)
}
