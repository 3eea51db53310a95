extension BuiltIn {
  static var sst2: BuiltIn {
    BuiltIn(
      name: "sst2",
      title: "SST-2: sentiment of film reviews",
      prefix: "Review: ",
      infix: "\nSentiment:",
      classes: [("negative", " Negative"), ("positive", " Positive")],
      restoresTrailingBlank: true,
      licence: "Published for research; no formal licence. Distributed with GLUE.",
      note: "The test rows are GLUE's validation set, as in most work on in-context learning.",
      citation: """
        @inproceedings{socher2013recursive,
          title = {Recursive Deep Models for Semantic Compositionality Over a Sentiment Treebank},
          author = {Socher, Richard and Perelygin, Alex and Wu, Jean and Chuang, Jason and
                    Manning, Christopher D. and Ng, Andrew and Potts, Christopher},
          booktitle = {Proceedings of the 2013 Conference on Empirical Methods in Natural
                       Language Processing},
          pages = {1631--1642},
          year = {2013}
        }
        """)
  }
}
