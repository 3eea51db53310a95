extension BuiltIn {
  static var agnews: BuiltIn {
    BuiltIn(
      name: "agnews",
      aliases: ["ag_news"],
      title: "AG News: topics of news articles",
      prefix: "Article: ",
      infix: "\nAnswer:",
      classes: [
        ("World", " World"), ("Sports", " Sports"), ("Business", " Business"),
        ("Sci/Tech", " Technology"),
      ],
      licence: "For non-commercial use by the academic community.",
      note: "5,615 of the 120,000 training rows are bundled, so a seed draws other demonstrations "
        + "than it does from the whole set; the 7,600 test rows are complete.",
      citation: """
        @inproceedings{zhang2015character,
          title = {Character-level Convolutional Networks for Text Classification},
          author = {Zhang, Xiang and Zhao, Junbo and LeCun, Yann},
          booktitle = {Advances in Neural Information Processing Systems},
          volume = {28},
          year = {2015}
        }
        """)
  }
}
