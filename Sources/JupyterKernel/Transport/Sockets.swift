/// The five sockets of a kernel, bound.
struct Sockets {
  let shell: Socket
  let control: Socket
  let iopub: Socket
  let stdin: Socket
  let heartbeat: Socket
  /// The connection with the ports that were left open filled in.
  let connection: ConnectionFile

  init(connection: ConnectionFile, options: Kernel.Options, in context: SocketContext)
    throws(TransportError)
  {
    func open(_ kind: Socket.Kind, _ port: inout Int) throws(TransportError) -> Socket {
      let socket = try Socket(
        kind, in: context, maximumBytes: Int64(options.messageBytes), linger: Kernel.linger)
      let endpoint = try socket.bind(connection.address(port: port))
      if port == 0 { port = endpoint.split(separator: ":").last.flatMap { Int($0) } ?? 0 }
      return socket
    }
    var chosen = connection
    // iopub first: a client that has reached any other socket can already subscribe.
    iopub = try open(.publisher, &chosen.iopubPort)
    heartbeat = try open(.router, &chosen.heartbeatPort)
    stdin = try open(.router, &chosen.stdinPort)
    control = try open(.router, &chosen.controlPort)
    shell = try open(.router, &chosen.shellPort)
    self.connection = chosen
  }
}
