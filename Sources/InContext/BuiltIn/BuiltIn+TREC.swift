extension BuiltIn {
  static var trec: BuiltIn {
    BuiltIn(
      name: "trec",
      title: "TREC: what a question asks for",
      prefix: "Question: ",
      infix: "\nAnswer Type:",
      classes: [
        ("Abbreviation", " Abbreviation"), ("Entity", " Entity"), ("Description", " Description"),
        ("Person", " Person"), ("Location", " Location"), ("Number", " Number"),
      ],
      licence: "Published for research; no formal licence.",
      citation: """
        @inproceedings{li2002learning,
          title = {Learning Question Classifiers},
          author = {Li, Xin and Roth, Dan},
          booktitle = {COLING 2002: The 19th International Conference on Computational Linguistics},
          year = {2002}
        }
        """)
  }
}
