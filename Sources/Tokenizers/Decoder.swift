/// How the tokens of a text become a text again.
enum Decoder: Sendable, Equatable {
  /// The bytes of the tokens, one after the other.
  case byteLevel
  /// Steps that work on the tokens as the vocabulary writes them.
  case steps([Step])

  enum Step: Sendable, Equatable {
    case replace([UInt8], with: [UInt8])
    /// `<0x41>` stands for a byte.
    case byteFallback
    /// Makes one of all tokens.
    case fuse
    /// Removes some of a scalar at the start and at the end of each token.
    case strip([UInt8], start: Int, stop: Int)
    /// Marks become spaces; those of the first token vanish where they may have been added.
    case metaspace(Metaspace)
  }

  /// The byte that a token such as `<0x41>` stands for.
  static func byte(_ piece: some BidirectionalCollection<UInt8>) -> UInt8? {
    guard piece.count == 6, piece.starts(with: "<0x".utf8), piece.last == UInt8(ascii: ">") else {
      return nil
    }
    var value: UInt8 = 0
    for digit in piece.dropFirst(3).dropLast() {
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | (digit & 0xF)
      case UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "a")...UInt8(ascii: "f"):
        value = value << 4 | ((digit & 0xF) + 9)
      default: return nil
      }
    }
    return value
  }
}

extension [Decoder.Step] {
  /// The text of all tokens of a text.
  func decode(_ pieces: [[UInt8]]) -> String {
    var pieces = pieces
    for step in self {
      switch step {
      case .replace(let old, let new):
        for index in pieces.indices { pieces[index] = pieces[index].replacing(old, with: new) }
      case .byteFallback: pieces = Self.joiningBytes(pieces)
      case .fuse: pieces = [[UInt8](pieces.joined())]
      case .strip(let scalar, let start, let stop):
        for index in pieces.indices {
          pieces[index] = pieces[index].stripping(scalar, start: start, stop: stop)
        }
      case .metaspace(let metaspace):
        for index in pieces.indices {
          let vanishes = index == 0 && metaspace.prepends != .never
          pieces[index] = pieces[index].replacing(
            metaspace.mark, with: vanishes ? [] : [UInt8(ascii: " ")])
        }
      }
    }
    return String(decoding: pieces.joined(), as: UTF8.self)
  }

  /// The bytes that a token stands for within a text.
  func bytes(of piece: [UInt8]) -> [UInt8] {
    var piece = piece
    for step in self {
      switch step {
      case .replace(let old, let new): piece = piece.replacing(old, with: new)
      case .metaspace(let metaspace):
        piece = piece.replacing(metaspace.mark, with: [UInt8(ascii: " ")])
      case .byteFallback:
        if let byte = Decoder.byte(piece) { return [byte] }
      case .fuse, .strip: break
      }
    }
    return piece
  }

  /// How the vocabulary would write a token that stands for some bytes.
  func piece(of bytes: [UInt8]) -> [UInt8] {
    var piece = bytes
    for step in reversed() {
      switch step {
      case .replace(let old, let new): piece = piece.replacing(new, with: old)
      case .metaspace(let metaspace):
        piece = piece.replacing([UInt8(ascii: " ")], with: metaspace.mark)
      case .byteFallback, .fuse, .strip: break
      }
    }
    return piece
  }

  /// Makes texts of runs of byte tokens; a run that is not UTF-8 becomes U+FFFD for each byte.
  private static func joiningBytes(_ pieces: [[UInt8]]) -> [[UInt8]] {
    var result: [[UInt8]] = []
    var run: [UInt8] = []
    func flush() {
      guard !run.isEmpty else { return }
      if String(validating: run, as: UTF8.self) != nil {
        result.append(run)
      } else {
        result += run.map { _ in [UInt8]("\u{FFFD}".utf8) }
      }
      run = []
    }
    for piece in pieces {
      if let byte = Decoder.byte(piece) {
        run.append(byte)
      } else {
        flush()
        result.append(piece)
      }
    }
    flush()
    return result
  }
}

extension [UInt8] {
  fileprivate func replacing(_ old: [UInt8], with new: [UInt8]) -> [UInt8] {
    guard let first = old.first, contains(first) else { return self }
    return withUnsafeBufferPointer { bytes in
      var result: [UInt8] = []
      result.reserveCapacity(bytes.count)
      var position = 0
      while position < bytes.count {
        if bytes.holds(old, at: position) {
          result += new
          position += old.count
        } else {
          result.append(bytes[position])
          position += 1
        }
      }
      return result
    }
  }

  fileprivate func stripping(_ scalar: [UInt8], start: Int, stop: Int) -> [UInt8] {
    var rest = self[...]
    for _ in 0..<start {
      guard rest.starts(with: scalar) else { break }
      rest = rest.dropFirst(scalar.count)
    }
    for _ in 0..<stop {
      guard rest.suffix(scalar.count).elementsEqual(scalar) else { break }
      rest = rest.dropLast(scalar.count)
    }
    return Array(rest)
  }
}
