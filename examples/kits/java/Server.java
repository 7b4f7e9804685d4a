import java.util.*;
import java.util.stream.*;

/**
 * Multi-Paxos in one process a server: acceptor, leader and replica together, for pmmc's replicated-log.
 *
 * <p>A ballot is [round, index of the server whose it is]. Everybody has promised [0, 0] from the start, so the first
 * server leads it without asking. A server whose election timer goes off asks for promises in a ballot above all that
 * it has seen, proposes again what they report in the highest ballot, and leads.
 *
 * <p>It knows what it has promised, its phase, the log (slot → ballot, command, chosen); as a candidate whom it has
 * heard and the best of what they report; as a leader acks (slot → who has accepted); as a replica the store, what was
 * performed, the next slot, and each client's last results.
 */
public class Server extends Kit.Node {
    @Override
    public void begin() {
        state.put("promised", List.of(0, 0));
        state.put("phase", me() == 0 ? "leader" : "follower");
        for (String map : List.of("log", "best", "acks", "store", "results")) state.put(map, new TreeMap<>());
        for (String list : List.of("heard", "performed")) state.put(list, new ArrayList<>());
        state.put("next", 1);
    }

    List<String> servers() { return Kit.get(config, "servers"); }
    int me() { return servers().indexOf(name); }
    boolean isMajority(Collection<?> some) { return 2 * some.size() > servers().size(); }
    List<Integer> promised() { return Kit.get(state, "promised"); }
    boolean is(String phase) { return phase.equals(state.get("phase")); }
    Map<String, Object> log() { return Kit.get(state, "log"); }

    boolean isChosen(String slot) {
        return log().containsKey(slot) && Kit.<Boolean>get(log().get(slot), "chosen");
    }

    /** Below 0 if ballot a is lower than b, 0 if they are equal. */
    static int compare(List<Integer> a, List<Integer> b) {
        return a.get(0).equals(b.get(0)) ? a.get(1) - b.get(1) : a.get(0) - b.get(0);
    }

    void sendOthers(Map<String, Object> message) {
        servers().stream().filter(server -> !server.equals(name)).forEach(server -> send(server, message));
    }

    static List<String> with(Collection<String> some, String one) {
        return Stream.concat(some.stream(), Stream.of(one)).distinct().sorted().toList();
    }

    @Override
    public void receive(Map<String, Object> message, String sender) {
        switch ((String) message.get("type")) {
            case "request" -> onRequest(message);
            case "p1a" -> onP1a(message, sender);
            case "p1b" -> onP1b(message, sender);
            case "p2a" -> onP2a(message, sender);
            case "p2b" -> onP2b(message, sender);
            case "decision" -> onDecision(message);
        }
    }

    // A client asks: only a leader listens.

    void onRequest(Map<String, Object> message) {
        if (!is("leader")) return;
        Map<String, Object> command = new TreeMap<>(message);
        command.remove("type");
        if (isDone(command)) answer(command);
        else if (log().values().stream().noneMatch(entry -> command.equals(Kit.get(entry, "command"))))
            propose(freeSlot(), command);
    }

    String freeSlot() {
        int slot = 1;
        while (log().containsKey("" + slot)) slot++;
        return "" + slot;
    }

    // Phase 1: a candidate asks for promises.

    @Override
    public void wake(String timer) {
        List<String> candidates = Kit.get(Kit.get(config, "options"), "candidates");
        if (is("leader") || candidates != null && !candidates.contains(name)) return;
        follow(List.of(promised().get(0) + 1, me()));
        state.put("phase", "candidate");
        sendOthers(Map.of("type", "p1a", "ballot", promised()));
        notePromise(name, log());
    }

    /** Promise a ballot that is higher: whatever it led before, it does so no more. */
    void follow(List<Integer> ballot) {
        state.put("promised", ballot);
        state.put("phase", "follower");
        state.put("heard", List.of());
        state.put("best", Map.of());
        state.put("acks", new TreeMap<>());
    }

    void onP1a(Map<String, Object> message, String candidate) {
        if (compare(Kit.get(message, "ballot"), promised()) <= 0) return;
        follow(Kit.get(message, "ballot"));
        send(candidate, Map.of("type", "p1b", "ballot", promised(), "log", reported()));
    }

    Map<String, Object> reported() { return log(); }

    void onP1b(Map<String, Object> message, String server) {
        if (is("candidate") && promised().equals(message.get("ballot")))
            notePromise(server, Kit.get(message, "log"));
    }

    void notePromise(String server, Map<String, Object> reported) {
        List<String> heard = with(Kit.get(state, "heard"), server);
        Map<String, Object> best = new TreeMap<>(Kit.<Map<String, Object>>get(state, "best"));
        reported.forEach((slot, entry) -> {
            List<Integer> ballot = Kit.get(entry, "ballot");
            if (!best.containsKey(slot) || compare(ballot, Kit.get(best.get(slot), "ballot")) > 0)
                best.put(slot, Map.of("ballot", ballot, "command", Kit.<Object>get(entry, "command")));
        });
        boolean leads = isMajority(heard);
        state.put("phase", leads ? "leader" : "candidate");
        state.put("heard", leads ? List.of() : heard);
        state.put("best", leads ? Map.of() : best);
        if (leads) lead(best);
    }

    /** What was accepted in the highest ballot may have been chosen: propose it again. */
    void lead(Map<String, Object> best) {
        best.forEach((slot, entry) -> {
            if (isChosen(slot)) announce(slot);
            else propose(slot, Kit.get(entry, "command"));
        });
    }

    // Phase 2: a leader has commands accepted.

    void propose(String slot, Object command) {
        accept(promised(), slot, command);
        int number = Integer.parseInt(slot);
        sendOthers(Map.of("type", "p2a", "ballot", promised(), "slot", number, "command", command));
        noteAccepted(name, slot);
    }

    void accept(List<Integer> ballot, String slot, Object command) {
        boolean chosen = isChosen(slot);
        log().put(slot, new TreeMap<>(Map.of("ballot", ballot, "command", command, "chosen", chosen)));
    }

    void onP2a(Map<String, Object> message, String leader) {
        List<Integer> ballot = Kit.get(message, "ballot");
        if (compare(ballot, promised()) < 0) return;
        if (compare(ballot, promised()) > 0) follow(ballot);
        accept(ballot, "" + message.get("slot"), message.get("command"));
        send(leader, Map.of("type", "p2b", "ballot", ballot, "slot", message.get("slot")));
    }

    void onP2b(Map<String, Object> message, String server) {
        if (is("leader") && promised().equals(message.get("ballot"))) noteAccepted(server, "" + message.get("slot"));
    }

    void noteAccepted(String server, String slot) {
        if (isChosen(slot)) return;
        Map<String, List<String>> acks = Kit.get(state, "acks");
        acks.put(slot, with(acks.getOrDefault(slot, List.of()), server));
        if (!isMajority(acks.get(slot))) return;
        acks.remove(slot);
        learn(slot);
        announce(slot);
    }

    // Decisions: performed in the order of slots, each command once.

    void announce(String slot) {
        Map<String, Object> decision = new TreeMap<>(Kit.<Map<String, Object>>get(log(), slot));
        decision.remove("chosen");
        decision.put("type", "decision");
        decision.put("slot", Integer.parseInt(slot));
        sendOthers(decision);
    }

    void onDecision(Map<String, Object> message) {
        String slot = "" + message.get("slot");
        List<Integer> ballot = Kit.get(message, "ballot");
        if (!log().containsKey(slot) || compare(Kit.get(log().get(slot), "ballot"), ballot) < 0)
            accept(ballot, slot, message.get("command"));
        if (!isChosen(slot)) learn(slot);
    }

    void learn(String slot) {
        Kit.<Map<String, Object>>get(log(), slot).put("chosen", true);
        for (int next; isChosen("" + (next = Kit.get(state, "next"))); state.put("next", next + 1))
            perform(Kit.get(log().get("" + next), "command"));
    }

    void perform(Map<String, Object> command) {
        if (isDone(command)) return;
        String[] words = ((String) command.get("op")).split(" ");
        Map<String, String> store = Kit.get(state, "store");
        String old = store.getOrDefault(words[1], "");
        String result = switch (words[0]) {
            case "put" -> words[2];
            case "append" -> old + words[2];
            default -> old;
        };
        if (!words[0].equals("get")) store.put(words[1], result);
        Kit.<List<Object>>get(state, "performed").add(command);
        Map<String, Object> results = Kit.get(state, "results");
        results.put((String) command.get("client"), Map.of("cid", command.get("cid"), "result", result));
        if (is("leader")) answer(command);
    }

    boolean isDone(Map<String, Object> command) {
        Object done = Kit.get(state.get("results"), (String) command.get("client"));
        return done != null && Kit.<Integer>get(done, "cid") >= Kit.<Integer>get(command, "cid");
    }

    void answer(Map<String, Object> command) {
        String client = Kit.get(command, "client");
        Map<String, Object> response = new TreeMap<>(Kit.<Map<String, Object>>get(state.get("results"), client));
        response.put("type", "response");
        send(client, response);
    }

    // What a crash leaves, and what properties read.

    @Override
    public void restart() { follow(promised()); }

    @Override
    public Object view() {
        Map<String, Object> log = new TreeMap<>();
        for (String slot : log().keySet()) {
            String status = isChosen(slot) ? "chosen" : "accepted";
            log.put(slot, Map.of("status", status, "command", Kit.<Object>get(log().get(slot), "command")));
        }
        return Map.of("log", log, "performed", state.get("performed"));
    }

    public static void main(String[] arguments) throws java.io.IOException {
        Kit.serve(Map.of("", Server::new));
    }
}
