package dev.quire.io.sim;

import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A file without its name: contents as everybody sees them, contents on the medium, and the writes in between, now and
 * at each operation of the trace. Guarded by the lock of its disk.
 */
final class SimInode {

    /** The medium after an operation, and writes before it that it did not cover. */
    private record Settled(Image durable, List<PendingWrite> carried) {}

    private record Mapping(long position, WeakReference<byte[]> bytes) {}

    private final int id;
    private final History<Image> live;
    private final History<Settled> settled;
    private final List<PendingWrite> writes = new ArrayList<>(); // ascending; all since the trace began
    private final List<Mapping> mappings = new ArrayList<>();

    /** A file that reads as {@code live}; its medium holds {@code durable}, and {@code pending} is on its way. */
    SimInode(int id, Image live, Image durable, List<PendingWrite> pending) {
        this.id = id;
        this.live = new History<>(live);
        this.settled = new History<>(new Settled(durable, pending));
    }

    SimInode(int id, Image contents) {
        this(id, contents, contents, List.of());
    }

    int id() {
        return id;
    }

    Image live() {
        return live.latest();
    }

    Image liveBefore(int index) {
        return live.before(index);
    }

    Image durable() {
        return settled.latest().durable;
    }

    Image durableBefore(int index) {
        return settled.before(index).durable;
    }

    /** What no force covers when operation {@code index} is under way; its own write included if {@code inFlight}. */
    List<PendingWrite> pending(int index, boolean inFlight) {
        List<PendingWrite> carried = settled.before(index).carried;
        int from = firstWriteFrom(settled.indexBefore(index) + 1L);
        int to = firstWriteFrom(inFlight ? index + 1L : index);
        if (from == to) {
            return carried;
        }
        List<PendingWrite> all = new ArrayList<>(carried);
        all.addAll(writes.subList(from, to));
        return all;
    }

    private int firstWriteFrom(long index) {
        int low = 0;
        int high = writes.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (writes.get(middle).index() < index) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** The write of an operation, or null. */
    PendingWrite writeOf(int index) {
        int at = firstWriteFrom(index);
        return at < writes.size() && writes.get(at).index() == index ? writes.get(at) : null;
    }

    /** Changes [from, to) of the contents; the medium does not see it yet. */
    void change(int index, long from, long to, Consumer<ImageDraft> change) {
        ImageDraft draft = new ImageDraft(live());
        change.accept(draft);
        live.add(index, draft.done());
        writes.add(new PendingWrite(index, from, to, live()));
        showInMappings(from, to);
    }

    /** Does the beginning of a write that was under way when the process ended. */
    void repeat(PendingWrite write, long end) {
        if (write.from() < end) {
            change(-1, write.from(), end, draft -> write.applyUpTo(end, draft));
        }
    }

    /** All that is pending reaches the medium. */
    void force(int index) {
        ImageDraft draft = new ImageDraft(durable());
        for (PendingWrite write : pending(Integer.MAX_VALUE, false)) {
            PendingWrite.applyRange(draft, live(), write.from(), write.to());
        }
        draft.resize(live().length());
        settled.add(index, new Settled(draft.done(), List.of()));
    }

    /** All that is pending is lost, although it can still be read. */
    void lose(int index) {
        settled.add(index, new Settled(durable(), List.of()));
    }

    /** The sectors of a range reach the medium, or are lost if not {@code kept}; whatever else is pending stays so. */
    void settle(int index, long from, long to, boolean kept) {
        ImageDraft draft = new ImageDraft(durable());
        if (kept) {
            PendingWrite.applyRange(draft, live(), from, Math.min(Image.sectorEnd(to), live().length()));
        }
        List<PendingWrite> rest = new ArrayList<>();
        for (PendingWrite write : pending(Integer.MAX_VALUE, false)) {
            write.addRemainder(Image.sectorStart(from), Image.sectorEnd(to), rest);
        }
        settled.add(index, new Settled(draft.done(), List.copyOf(rest)));
    }

    /** Changes contents, medium and all that is on its way alike: sabotage, not an operation. */
    void sabotage(int lastIndex, Consumer<ImageDraft> change) {
        List<PendingWrite> bent = pending(Integer.MAX_VALUE, false).stream()
                .map(write -> new PendingWrite(write.index(), write.from(), write.to(), bend(write.after(), change)))
                .toList();
        Image medium = bend(durable(), change);
        live.add(lastIndex, bend(live(), change));
        settled.add(lastIndex, new Settled(medium, bent));
        showInMappings(0, live().length());
    }

    private static Image bend(Image image, Consumer<ImageDraft> change) {
        ImageDraft draft = new ImageDraft(image);
        change.accept(draft);
        return draft.done();
    }

    /** Keeps no more than is needed for crashes from now on. */
    void forgetPast() {
        Settled now = new Settled(durable(), List.copyOf(pending(Integer.MAX_VALUE, false)));
        live.forgetAllButLatest();
        settled.reset(now);
        writes.clear();
    }

    /** This file when operation {@code index} begins, with nothing but its caches: the trace starts anew. */
    SimInode carriedOver(int index) {
        return new SimInode(id, liveBefore(index), durableBefore(index), renumbered(index));
    }

    /** The same in place, for the present. */
    void startTrace(int index) {
        Settled now = new Settled(durable(), renumbered(index));
        live.reset(live());
        settled.reset(now);
        writes.clear();
    }

    private List<PendingWrite> renumbered(int index) {
        return pending(index, false).stream()
                .map(write -> write.renumbered(write.index() - index - 1))
                .toList();
    }

    ByteBuffer map(long position, int length) {
        byte[] bytes = new byte[length];
        live().read(position, bytes, 0, length);
        mappings.add(new Mapping(position, new WeakReference<>(bytes)));
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    private void showInMappings(long from, long to) {
        mappings.removeIf(mapping -> mapping.bytes.get() == null);
        for (Mapping mapping : mappings) {
            byte[] bytes = mapping.bytes.get();
            if (bytes != null) {
                long start = Math.max(from, mapping.position);
                long end = Math.min(to, mapping.position + bytes.length);
                if (start < end) {
                    live().read(start, bytes, (int) (start - mapping.position), (int) (end - start));
                }
            }
        }
    }
}
