import java.util.*;

/** The acceptor of Paxos Made Moderately Complex, in the wire form "pmmc 1" (pmmc schema --wire). */
public class Acceptor extends Kit.Node {
    @Override
    public void begin() {
        state.put("ballot", List.of(-1, -1));
        state.put("accepted", List.of());
    }

    @Override
    public void receive(Map<String, Object> message, String sender) {
        switch ((String) message.get("type")) {
            case "p1a" -> onP1a(message);
            case "p2a" -> onP2a(message);
        }
    }

    List<Integer> ballot() { return Kit.get(state, "ballot"); }

    /** Below 0 if ballot a is lower than b, 0 if they are equal: [round, leader], round first. */
    static int compare(List<Integer> a, List<Integer> b) {
        return a.get(0).equals(b.get(0)) ? a.get(1) - b.get(1) : a.get(0) - b.get(0);
    }

    void onP1a(Map<String, Object> message) {
        List<Integer> asked = Kit.get(message, "ballot");
        if (compare(asked, ballot()) > 0) state.put("ballot", asked);
        Map<String, Object> reply = new TreeMap<>(Map.of("type", "p1b", "acceptor", name));
        reply.put("ballot", asked);
        reply.put("current", ballot());
        reply.put("accepted", state.get("accepted"));
        send(Kit.get(message, "leader"), reply);
    }

    void onP2a(Map<String, Object> message) {
        Map<String, Object> pvalue = Kit.get(message, "pvalue");
        if (pvalue.get("ballot").equals(ballot())) accept(pvalue);
        Map<String, Object> reply = new TreeMap<>(Map.of("type", "p2b", "acceptor", name));
        reply.put("ballot", pvalue.get("ballot"));
        reply.put("slot", pvalue.get("slot"));
        reply.put("current", ballot());
        send(Kit.get(message, "leader"), reply);
    }

    void accept(Map<String, Object> pvalue) {
        Set<Object> accepted = new LinkedHashSet<>(Kit.<List<Object>>get(state, "accepted"));
        accepted.add(pvalue);
        state.put("accepted", new ArrayList<>(accepted));
    }

    public static void main(String[] arguments) throws java.io.IOException {
        Kit.serve(Map.of("acceptor", Acceptor::new));
    }
}
