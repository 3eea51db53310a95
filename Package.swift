// swift-tools-version: 6.1
import PackageDescription

// The rooms of Fathom, from the ground floor up. A target imports what stands below it and
// nothing else; Charts, JupyterKernel and CommandLanguage import no other room at all.
let package = Package(
  name: "Fathom",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "fathom", targets: ["fathom"]),
    .library(name: "JupyterKernel", targets: ["JupyterKernel"]),
    .library(name: "Charts", targets: ["Charts"]),
    .library(name: "Transformer", targets: ["Transformer"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
  ],
  targets: [
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CZeroMQ", pkgConfig: "libzmq", providers: [.apt(["libzmq3-dev"])]),
    .target(name: "CVectorMath"),
    .target(name: "CThreads"),
    // Loads libcurl when something is fetched; linked it would lengthen every start.
    .target(name: "CCurl"),

    .target(name: "Files", dependencies: [.product(name: "Crypto", package: "swift-crypto")]),
    .target(name: "LinearAlgebra", dependencies: ["COpenBLAS", "CThreads", "CVectorMath"]),
    .target(
      name: "Checkpoints", dependencies: ["CCurl", "Files"], resources: [.copy("Resources/mini")]),
    .target(name: "Transformer", dependencies: ["Checkpoints", "LinearAlgebra"]),
    .target(name: "Tokenizers", dependencies: ["Files"]),
    .target(
      name: "InContext", dependencies: ["Files", "LinearAlgebra", "Tokenizers"],
      resources: [.copy("Resources/datasets")]),
    .target(name: "InformationFlow", dependencies: ["InContext", "Transformer"]),

    .target(name: "CommandLanguage"),
    .target(name: "Charts"),
    .target(
      name: "Commands", dependencies: ["Charts", "CommandLanguage", "InformationFlow"]),

    .target(
      name: "JupyterKernel",
      dependencies: [
        "CZeroMQ", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .executableTarget(
      name: "fathom",
      dependencies: [
        "Commands", "JupyterKernel",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    .executableTarget(
      name: "saliency-benchmark",
      dependencies: ["Files", "InContext", "InformationFlow", "LinearAlgebra", "Transformer"],
      path: "Benchmarks/SaliencyBenchmark"),
    .executableTarget(
      name: "reweighting-benchmark",
      dependencies: ["Files", "InContext", "InformationFlow", "LinearAlgebra", "Transformer"],
      path: "Benchmarks/ReweightingBenchmark"),

    // What the fuzz tests of several rooms share; see `make fuzz`.
    .target(name: "Fuzzing", dependencies: ["Files"], path: "Tests/Fuzzing"),
    .testTarget(name: "FilesTests", dependencies: ["Files"]),
    .testTarget(name: "LinearAlgebraTests", dependencies: ["LinearAlgebra"]),
    .testTarget(name: "CheckpointsTests", dependencies: ["Checkpoints", "Fuzzing"]),
    .testTarget(name: "TransformerTests", dependencies: ["Fuzzing", "Transformer"]),
    .testTarget(name: "TokenizersTests", dependencies: ["Fuzzing", "Tokenizers"]),
    .testTarget(name: "InContextTests", dependencies: ["InContext"]),
    .testTarget(name: "InformationFlowTests", dependencies: ["InformationFlow"]),
    .testTarget(name: "CommandLanguageTests", dependencies: ["CommandLanguage"]),
    .testTarget(name: "ChartsTests", dependencies: ["Charts"]),
    .testTarget(name: "CommandsTests", dependencies: ["Commands", "Fuzzing"]),
    .testTarget(name: "JupyterKernelTests", dependencies: ["JupyterKernel"]),
  ]
)
