import CVectorMath

/// The nonlinearity of an MLP.
public enum Activation: Sendable, Equatable {
  /// x/2 (1 + tanh √(2/π)(x + 0.044715 x³)): `gelu_new`, `gelu_pytorch_tanh`.
  case geluTanh
  /// x Φ(x): `gelu`.
  case geluErf
  /// x σ(x): `silu`, `swish`.
  case silu
  case relu

  /// The activation that `config.json` calls by that name in its `activation_function` field.
  public init?(configName: String) {
    switch configName {
    case "gelu_new", "gelu_pytorch_tanh", "gelu_fast": self = .geluTanh
    case "gelu": self = .geluErf
    case "silu", "swish": self = .silu
    case "relu": self = .relu
    default: return nil
    }
  }

  /// Names that ``init(configName:)`` knows.
  public static let configNames = [
    "gelu", "gelu_fast", "gelu_new", "gelu_pytorch_tanh", "relu", "silu", "swish",
  ]

  /// output[i] = f(x[i]).
  public func apply(_ x: Matrix, into output: Matrix) {
    for row in 0..<x.rows {
      switch self {
      case .geluTanh: fathom_gelu_tanh(x.row(row), output.row(row), x.columns)
      case .geluErf: fathom_gelu_erf(x.row(row), output.row(row), x.columns)
      case .silu: fathom_silu(x.row(row), output.row(row), x.columns)
      case .relu: fathom_relu(x.row(row), output.row(row), x.columns)
      }
    }
  }

  /// gradient[i] *= f′(x[i]).
  public func applyBackward(_ x: Matrix, gradient: Matrix) {
    for row in 0..<x.rows {
      switch self {
      case .geluTanh: fathom_gelu_tanh_backward(x.row(row), gradient.row(row), x.columns)
      case .geluErf: fathom_gelu_erf_backward(x.row(row), gradient.row(row), x.columns)
      case .silu: fathom_silu_backward(x.row(row), gradient.row(row), x.columns)
      case .relu: fathom_relu_backward(x.row(row), gradient.row(row), x.columns)
      }
    }
  }
}
