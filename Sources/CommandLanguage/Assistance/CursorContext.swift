/// Where in a command a place in the text is.
struct CursorContext {
  /// The parameter a value stands for.
  enum Slot: Equatable {
    case key(String)
    /// The n-th input given by position, from 0 (a piped value counts).
    case position(Int)
  }

  /// A pipeline's stage (of the statement, or in parentheses), or a bracket within it.
  struct Frame {
    var verb: String?
    var isPiped = false
    /// Nothing of the stage has been read.
    var isHead = true
    var usedKeys: Set<String> = []
    var positions = 0
    /// The inputs given by position, as far as a word or a string alone tells what they are.
    var inputs: [Value] = []
    var pendingKey: String?
    /// What the value that is being read, or was read last, stands for.
    var slot: Slot?
    /// A list, map, index or form: a value inside belongs to the stage around it.
    var isInner = false
  }

  /// The stage around the place.
  let stage: Frame
  /// Whether the place is inside a list, map, index or form of the stage.
  let isInsideValue: Bool

  /// Reads the tokens before an index.
  init(_ tokens: [Token], before index: Int) {
    var reader = Reader(tokens: tokens)
    while reader.index < min(index, tokens.count) { reader.step() }
    let frames = reader.frames
    stage = frames.last { !$0.isInner } ?? Frame()
    isInsideValue = frames.last?.isInner ?? false
  }

  private struct Reader {
    let tokens: [Token]
    var index = 0
    var frames = [Frame()]

    private var next: Token? { index + 1 < tokens.count ? tokens[index + 1] : nil }

    mutating func step() {
      let token = tokens[index]
      let top = frames.count - 1
      switch token.kind {
      case .newline, .semicolon: frames = [Frame()]
      case .pipe where !frames[top].isInner: frames[top] = Frame(isPiped: true)
      case .opener(let bracket):
        let isPostfix = token.isAdjacent && index > 0 && tokens[index - 1].endsValue
        if !isPostfix { startValue() }
        frames.append(Frame(isInner: bracket != .parenthesis || isPostfix))
      case .closer where frames.count > 1: frames.removeLast()
      case .word(let word): read(word)
      case .number, .string: startValue()
      default: break
      }
      index += 1
    }

    private mutating func read(_ word: String) {
      let top = frames.count - 1
      let followsDot = index > 0 && tokens[index - 1].isA(.dot)
      guard !frames[top].isInner, !followsDot else { return }
      if next?.isA(.equals) == true {
        if frames[top].isHead {
          // An assignment: the head comes after it.
        } else {
          frames[top].pendingKey = word
        }
        index += 1
      } else if frames[top].isHead {
        frames[top].isHead = false
        frames[top].verb = word
      } else {
        startValue()
      }
    }

    private mutating func startValue() {
      let top = frames.count - 1
      guard !frames[top].isInner, !(index > 0 && tokens[index - 1].isA(.rangeDots)) else { return }
      frames[top].isHead = false
      if let key = frames[top].pendingKey {
        frames[top].usedKeys.insert(key)
        frames[top].slot = .key(key)
        frames[top].pendingKey = nil
      } else {
        frames[top].slot = .position(frames[top].positions)
        frames[top].inputs.append(tokens[index].plainValue)
        frames[top].positions += 1
      }
    }
  }
}

extension Token {
  /// The value of a word or a string; nothing for other tokens.
  fileprivate var plainValue: Value {
    switch kind {
    case .word(let word): .symbol(word)
    case .string(let text): .string(text)
    default: .nothing
    }
  }

  /// Whether a bracket that touches the token is an index or the arguments of a form.
  var endsValue: Bool {
    switch kind {
    case .word, .closer, .string: true
    default: false
    }
  }
}

extension CursorContext.Frame {
  /// The parameter a slot stands for.
  func parameter(_ slot: CursorContext.Slot, of parameters: [Parameter]) -> Parameter? {
    switch slot {
    case .key(let key):
      return parameters.first { $0.name == key }
    case .position(let position):
      let inputs = parameters.filter {
        ($0.kind == .input || $0.kind == .variadicInput) && !usedKeys.contains($0.name)
      }
      let index = position + (isPiped ? 1 : 0)
      if inputs.indices.contains(index) { return inputs[index] }
      return inputs.last?.kind == .variadicInput ? inputs.last : nil
    }
  }
}
