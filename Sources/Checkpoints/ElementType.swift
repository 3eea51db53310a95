/// The element types that a file of weights may declare: those of safetensors, and those of GGUF's blocks
/// that are computed with.
public enum ElementType: String, Sendable, CaseIterable {
  case bool = "BOOL"
  case float4 = "F4"
  case float6E2M3 = "F6_E2M3"
  case float6E3M2 = "F6_E3M2"
  case uint8 = "U8"
  case int8 = "I8"
  case float8E5M2 = "F8_E5M2"
  case float8E4M3 = "F8_E4M3"
  case float8E8M0 = "F8_E8M0"
  case float8E4M3FNUZ = "F8_E4M3FNUZ"
  case float8E5M2FNUZ = "F8_E5M2FNUZ"
  case int16 = "I16"
  case uint16 = "U16"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int32 = "I32"
  case uint32 = "U32"
  case float32 = "F32"
  case complex64 = "C64"
  case float64 = "F64"
  case int64 = "I64"
  case uint64 = "U64"
  case q80 = "Q8_0"
  case q50 = "Q5_0"
  case q40 = "Q4_0"
  case q4K = "Q4_K"
  case q5K = "Q5_K"
  case q6K = "Q6_K"

  /// The smallest number of elements that take whole bytes by themselves, and the bytes they take: small
  /// floats are packed, and the numbers of a GGUF block share a scale.
  public var block: (count: Int, bytes: Int) {
    switch self {
    case .float4: (2, 1)
    case .float6E2M3, .float6E3M2: (4, 3)
    case .bool, .uint8, .int8, .float8E5M2, .float8E4M3, .float8E8M0, .float8E4M3FNUZ,
      .float8E5M2FNUZ:
      (1, 1)
    case .int16, .uint16, .float16, .bfloat16: (1, 2)
    case .int32, .uint32, .float32: (1, 4)
    case .complex64, .float64, .int64, .uint64: (1, 8)
    case .q80: (32, 34)
    case .q50: (32, 22)
    case .q40: (32, 18)
    case .q4K: (256, 144)
    case .q5K: (256, 176)
    case .q6K: (256, 210)
    }
  }

  /// Whether a tensor of this type is made of blocks with scales, which only GGUF files have.
  public var hasScales: Bool { !scaleOffsets.isEmpty }

  /// Where in a block there are half-precision numbers by which its elements are multiplied.
  var scaleOffsets: [Int] {
    switch self {
    case .q80, .q50, .q40: [0]
    case .q4K, .q5K: [0, 2]
    case .q6K: [208]
    default: []
    }
  }

  /// Bytes that a tensor of so many elements takes; nil if they are no whole blocks or beyond 64 bits.
  func bytes(_ count: Int) -> Int? {
    let (whole, rest) = count.quotientAndRemainder(dividingBy: block.count)
    let (bytes, overflow) = whole.multipliedReportingOverflow(by: block.bytes)
    return rest == 0 && !overflow ? bytes : nil
  }

  /// Whether elements of this type can be read as `Float` one by one.
  public var isReadable: Bool {
    switch self {
    case .float32, .float16, .bfloat16: true
    default: false
    }
  }

  /// The types of weights that are computed with, for messages.
  static let computed = "F32, F16, BF16, and in GGUF files Q8_0, Q5_0, Q4_0, Q4_K, Q5_K and Q6_K"
}
