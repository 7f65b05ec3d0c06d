package dev.quire.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConnection;

/** SQLite with a write-ahead log: its backup API, all pages in one step; it verifies nothing unless told to. */
final class Sqlite extends Peer {

    private static final int ALL_PAGES = -1;
    private static final int PAUSE_MS = 1;
    private static final int TRIES = 1_000;

    private final Connection writer;
    private final PreparedStatement put;

    Sqlite(Path directory, int records, boolean durable) throws SQLException {
        super(directory, records);
        writer = connection(durable);
        execute(writer, "create table if not exists records(k blob primary key, v blob)");
        writer.setAutoCommit(false);
        put = writer.prepareStatement("insert or replace into records values(?, ?)");
    }

    private Connection connection(boolean durable) throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("records.db"));
        execute(connection, "pragma journal_mode=WAL");
        execute(connection, "pragma synchronous=" + (durable ? "FULL" : "OFF"));
        execute(connection, "pragma cache_size=-262144"); // KiB: as much as Quire's memory
        return connection;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public String name() {
        return "SQLite";
    }

    @Override
    void begin() {}

    @Override
    void put(byte[] key, byte[] value) throws SQLException {
        put.setBytes(1, key);
        put.setBytes(2, value);
        put.executeUpdate();
    }

    @Override
    void end() throws SQLException {
        writer.commit();
    }

    @Override
    void copy(Path to) throws SQLException, IOException {
        try (Connection reader = connection(true)) {
            String file = to.resolve("records.db").toString();
            int code = reader.unwrap(SQLiteConnection.class)
                    .getDatabase()
                    .backup("main", file, null, PAUSE_MS, TRIES, ALL_PAGES);
            if (code != 0) {
                throw new IOException("backup ended with code=" + code);
            }
        }
    }

    @Override
    public void close() {
        try {
            put.close();
            writer.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
