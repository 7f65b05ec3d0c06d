package dev.quire.io.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** Works out what a crash leaves of a disk. */
final class PowerCut {

    /** How much of an operation reaches the medium. */
    private enum Share {
        NOTHING,
        FIRST_SECTORS,
        ANY_SECTORS,
        ALL
    }

    private final SimDisk disk;
    private final int at;
    private final CrashPolicy policy;
    private final SplittableRandom random;
    private final Map<Integer, Share> shares = new HashMap<>(); // by operation
    private final boolean allNames;

    PowerCut(SimDisk disk, int at, CrashPolicy policy, long seed) {
        this.disk = disk;
        this.at = at;
        this.policy = policy;
        this.random = new SplittableRandom(seed * 31 + at * 1_000_003L + policy.ordinal());
        this.allNames = random.nextBoolean();
    }

    /** A new disk. */
    SimDisk image() {
        List<NameOperation> pendingNames = disk.tree.pending(at, true);
        decide(pendingNames);
        SimNames names = disk.tree.durableBefore(at);
        for (NameOperation operation : pendingNames) {
            names = keepsName(operation) ? operation.applyTo(names) : names;
        }
        names = names.reachable();
        SimDisk image = new SimDisk(new SimTree(names, names, List.of()), disk.nextNode());
        for (int node : new TreeSet<>(toList(names.nodes()))) {
            SimInode file = disk.files.get(node);
            if (file != null) {
                image.files.put(node, new SimInode(node, contents(file)));
            }
        }
        return image;
    }

    private static List<Integer> toList(Iterable<Integer> nodes) {
        List<Integer> list = new ArrayList<>();
        nodes.forEach(list::add);
        return list;
    }

    private void decide(List<NameOperation> pendingNames) {
        TreeSet<Integer> operations = new TreeSet<>();
        pendingNames.forEach(operation -> operations.add(operation.index()));
        disk.files.values().forEach(file -> file.pending(at, true).forEach(write -> operations.add(write.index())));
        int chosen = operations.isEmpty() ? 0 : random.nextInt(operations.size() + 1);
        int denominator = 2 + random.nextInt(3);
        int position = 0;
        for (int operation : operations) {
            shares.put(operation, share(position++, chosen, operations.size(), denominator));
        }
    }

    private Share share(int position, int chosen, int count, int denominator) {
        return switch (policy) {
            case ALL, DATA_WITHOUT_SIZE, DATA_WITHOUT_NAMES -> Share.ALL;
            case NONE, SIZE_WITHOUT_DATA, NAMES_WITHOUT_DATA -> Share.NOTHING;
            case PREFIX -> prefixShare(Integer.compare(position, chosen));
            case RANDOM_OPS, STALE_SPACE -> random.nextInt(denominator) == 0 ? Share.NOTHING : Share.ALL;
            case LAST_ONLY -> position == count - 1 ? Share.ALL : Share.NOTHING;
            case ALL_BUT_ONE -> position == chosen % count ? Share.NOTHING : Share.ALL;
            case TORN_SECTORS -> Share.ANY_SECTORS;
        };
    }

    private static Share prefixShare(int order) {
        return order < 0 ? Share.ALL : order == 0 ? Share.FIRST_SECTORS : Share.NOTHING;
    }

    private boolean keepsName(NameOperation operation) {
        return switch (policy) {
            case ALL, NAMES_WITHOUT_DATA -> true;
            case NONE, DATA_WITHOUT_NAMES -> false;
            case PREFIX, RANDOM_OPS, LAST_ONLY, ALL_BUT_ONE -> shares.get(operation.index()) == Share.ALL;
            case TORN_SECTORS, STALE_SPACE, SIZE_WITHOUT_DATA, DATA_WITHOUT_SIZE -> allNames || random.nextBoolean();
        };
    }

    private Image contents(SimInode file) {
        Image durable = file.durableBefore(at);
        List<PendingWrite> pending = file.pending(at, true);
        if (pending.isEmpty()) {
            return durable;
        }
        ImageDraft draft = new ImageDraft(durable);
        long grown = durable.length();
        for (PendingWrite write : pending) {
            grown = Math.max(grown, write.to());
        }
        if (policy == CrashPolicy.STALE_SPACE) {
            fillWithStale(draft, Image.sectorEnd(durable.length()), grown);
        }
        pending.forEach(write -> apply(write, shares.get(write.index()), draft));
        settleLength(draft, durable.length(), grown);
        return draft.done();
    }

    private void apply(PendingWrite write, Share share, ImageDraft draft) {
        if (share == Share.ALL) {
            write.applyTo(draft);
        } else if (share == Share.FIRST_SECTORS) {
            write.applyUpTo(firstSectors(write, random), draft);
        } else if (share == Share.ANY_SECTORS) {
            for (long sector = Image.sectorStart(write.from()); sector < write.to(); sector += Image.SECTOR_BYTES) {
                if (random.nextBoolean()) {
                    write.applySector(draft, sector);
                }
            }
        }
    }

    /** Where a write stops that ends early: at a sector, behind its start or there. */
    private static long firstSectors(PendingWrite write, SplittableRandom random) {
        long some = write.from() + random.nextLong(write.to() - write.from() + 1);
        return Math.max(write.from(), some == write.to() ? some : Image.sectorStart(some));
    }

    private void settleLength(ImageDraft draft, long durable, long grown) {
        switch (policy) {
            case SIZE_WITHOUT_DATA, STALE_SPACE -> draft.resize(grown);
            case DATA_WITHOUT_SIZE -> draft.resize(durable);
            case RANDOM_OPS, TORN_SECTORS -> draft.resize(random.nextBoolean() ? grown : draft.length());
            default -> {
                // as long as what arrived made it
            }
        }
    }

    /** Old sectors of other files, or noise: whatever was there before the space was given to this file. */
    private void fillWithStale(ImageDraft draft, long from, long to) {
        List<SimInode> donors = disk.files.values().stream()
                .filter(file -> file.durableBefore(at).length() >= Image.CHUNK_BYTES)
                .toList();
        SimInode donor = donors.isEmpty() || random.nextInt(3) == 0 ? null : donors.get(random.nextInt(donors.size()));
        byte[] piece = new byte[Image.CHUNK_BYTES];
        for (long start = from; start < to; start += piece.length) {
            if (donor == null) {
                random.nextBytes(piece);
            } else {
                Image old = donor.durableBefore(at);
                long chunks = old.length() / Image.CHUNK_BYTES;
                old.read(random.nextLong(chunks) * Image.CHUNK_BYTES, piece, 0, piece.length);
            }
            draft.write(start, piece, 0, (int) Math.min(piece.length, to - start));
        }
    }

    // ---------------------------------------------------------------- the process alone

    static SimDisk processCrash(SimDisk disk, int at) {
        SimDisk image = new SimDisk(disk.tree.carriedOver(at), disk.nextNode());
        disk.files.forEach((node, file) -> image.files.put(node, file.carriedOver(at)));
        return image;
    }

    static SimDisk processCrashWithin(SimDisk disk, int at, long seed) {
        SimDisk image = processCrash(disk, at);
        SplittableRandom random = new SplittableRandom(seed);
        disk.files.forEach((node, file) -> {
            PendingWrite write = file.writeOf(at);
            if (write != null) {
                image.files.get(node).repeat(write, firstSectors(write, random));
            }
        });
        return image;
    }
}
