/// One thing to show, in one or more forms: text by MIME type. There is always `text/plain`.
public struct Display: Sendable {
  /// MIME types with their text, in the order they were added.
  public private(set) var data: [(type: String, text: String)]
  /// What goes beside the data, such as `fathom` with the recipe of a figure.
  public var metadata: ValueMap

  public init(plain: String, metadata: ValueMap = ValueMap()) {
    self.data = [("text/plain", plain)]
    self.metadata = metadata
  }

  public init(plain: String, html: String, metadata: ValueMap = ValueMap()) {
    self.init(plain: plain, metadata: metadata)
    self["text/html"] = html
  }

  /// A picture with the text for those who do not see it.
  public init(plain: String, svg: String, metadata: ValueMap = ValueMap()) {
    self.init(plain: plain, metadata: metadata)
    self["image/svg+xml"] = svg
  }

  /// The text of a MIME type. `text/plain` cannot be taken away.
  public subscript(type: String) -> String? {
    get { data.first { $0.type == type }?.text }
    set {
      let index = data.firstIndex { $0.type == type }
      switch (index, newValue) {
      case (let index?, let text?): data[index].text = text
      case (nil, let text?): data.append((type, text))
      case (let index?, nil) where type != "text/plain": data.remove(at: index)
      default: break
      }
    }
  }

  public var plain: String { self["text/plain"] ?? "" }
}
