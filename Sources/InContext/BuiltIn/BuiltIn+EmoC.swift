extension BuiltIn {
  static var emoc: BuiltIn {
    BuiltIn(
      name: "emoc",
      aliases: ["emo"],
      title: "EmoContext: emotion of a dialogue's last turn",
      prefix: "Dialogue: ",
      infix: "\nEmotion:",
      classes: [
        ("others", " Others"), ("happy", " Happy"), ("sad", " Sad"), ("angry", " Angry"),
      ],
      licence: "Released to the participants of SemEval-2019 Task 3 for research; "
        + "no formal licence.",
      note: "85 % of the test rows are of class 'others'; the paper leaves them so.",
      citation: """
        @inproceedings{chatterjee2019semeval,
          title = {{SemEval}-2019 Task 3: {EmoContext} Contextual Emotion Detection in Text},
          author = {Chatterjee, Ankush and Narahari, Kedhar Nath and Joshi, Meghana and
                    Agrawal, Puneet},
          booktitle = {Proceedings of the 13th International Workshop on Semantic Evaluation},
          pages = {39--48},
          year = {2019}
        }
        """)
  }
}
