package dev.quire.io;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;

/** Who is at the other end of a local socket. Only this class knows the module {@code jdk.net}. */
final class PeerUser {

    private PeerUser() {}

    static UserPrincipal of(SocketChannel peer) throws IOException {
        return peer.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
    }
}
