import Testing

@testable import LinearAlgebra

@Suite("Adam")
struct AdamTests {
  /// Of `torch.optim.Adam([p], lr=0.1)` in float64, torch 2, with the gradients below.
  private static let expected = [
    [0.9000000033333332, -1.90000000025, 0.5, 2.900990099009901],
    [0.8599781479280808, -1.8733662963681956, 0.5, 2.8019801980198027],
    [0.7942730485882616, -1.8600103181403833, 0.5638813588339471, 2.776040334660773],
  ]
  private static let gradients = [
    [0.3, -4, 0, 1e-6], [-0.1, 2, 0, 1e-6], [5, 0.5, -1, -1e-6],
  ]

  @Test("Three steps are those of PyTorch")
  func steps() {
    var adam = Adam(count: 4, rate: 0.1)
    var parameters = [1, -2, 0.5, 3.0]
    for (gradient, expected) in zip(Self.gradients, Self.expected) {
      adam.step(&parameters, gradient: gradient)
      for (found, expected) in zip(parameters, expected) {
        #expect(abs(found - expected) < 1e-12)
      }
    }
  }
}
