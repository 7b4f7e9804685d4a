import java.util.*;

/** Acceptor, leader and replica of Paxos Made Moderately Complex in the wire form "pmmc 1", one configuration. */
public class Roles {
    static int compare(Object a, Object b) { return Acceptor.compare(Kit.get(a, "ballot"), Kit.get(b, "ballot")); }

    static Map<String, Object> proposal(Object slot, Object command) {
        return new TreeMap<>(Map.of("slot", slot, "command", command));
    }

    /** An object of some fields of another one. */
    static Map<String, Object> only(Map<String, Object> from, String... fields) {
        Map<String, Object> some = new TreeMap<>(from);
        some.keySet().retainAll(List.of(fields));
        return some;
    }

    static Map<String, Object> typed(String type, Map<String, Object> fields) {
        Map<String, Object> message = new TreeMap<>(fields);
        message.put("type", type);
        return message;
    }

    /** What a node has as a list of objects. */
    static List<Map<String, Object>> list(Kit.Node node, String field) { return Kit.get(node.state, field); }

    static void sendAll(Kit.Node node, String role, Object message) {
        Kit.<List<String>>get(node.config, role).forEach(to -> node.send(to, message));
    }

    /**
     * A leader knows its ballot, whether it is active, its proposals; of phase 1 a scout (whom it has heard, and what
     * they had accepted), of phase 2 commanders, each of one pvalue.
     */
    public static class Leader extends Kit.Node {
        @Override
        public void begin() {
            state.put("active", false);
            state.put("ballot", List.of(0, index()));
            state.put("proposals", new ArrayList<>());
            state.put("commanders", new ArrayList<>());
            probe();
        }

        @Override
        public void restart() { rise(ballot()); }

        @Override
        public void receive(Map<String, Object> message, String sender) {
            switch ((String) message.get("type")) {
                case "propose" -> onPropose(only(message, "slot", "command"));
                case "p1b" -> onP1b(message);
                case "p2b" -> onP2b(message);
            }
        }

        int index() { return Integer.parseInt(name.split(" ")[1]); }
        List<Integer> ballot() { return Kit.get(state, "ballot"); }
        boolean isQuorum(List<?> heard) { return 2 * heard.size() > Kit.<List<?>>get(config, "acceptors").size(); }

        void probe() {
            state.put("scout", new TreeMap<>(Map.of("heard", new ArrayList<>(), "pvalues", new ArrayList<>())));
            sendAll(this, "acceptors", Map.of("type", "p1a", "leader", name, "ballot", ballot()));
        }

        void command(Map<String, Object> proposal) {
            Map<String, Object> pvalue = new TreeMap<>(proposal);
            pvalue.put("ballot", ballot());
            Map<String, Object> commander = new TreeMap<>(Map.of("pvalue", pvalue, "heard", new ArrayList<>()));
            if (!list(this, "commanders").contains(commander)) list(this, "commanders").add(commander);
            sendAll(this, "acceptors", Map.of("type", "p2a", "leader", name, "pvalue", pvalue));
        }

        void onPropose(Map<String, Object> proposal) {
            if (list(this, "proposals").stream().anyMatch(p -> p.get("slot").equals(proposal.get("slot")))) return;
            list(this, "proposals").add(proposal);
            if (state.get("active").equals(true)) command(proposal);
        }

        void onP1b(Map<String, Object> message) {
            Object scout = state.get("scout");
            if (scout == null || !ballot().equals(message.get("ballot"))) return;
            List<Object> heard = Kit.get(scout, "heard"), pvalues = Kit.get(scout, "pvalues");
            List<Integer> current = Kit.get(message, "current");
            if (heard.contains(message.get("acceptor"))) return;
            if (Acceptor.compare(current, ballot()) > 0) preempted(current);
            if (!current.equals(message.get("ballot"))) return;
            heard.add(message.get("acceptor"));
            for (Object one : Kit.<List<?>>get(message, "accepted")) if (!pvalues.contains(one)) pvalues.add(one);
            if (isQuorum(heard)) adopted(pvalues);
        }

        /** For each slot what was accepted in the highest ballot is proposed: the paper's pmax. */
        void adopted(List<Object> pvalues) {
            Map<Integer, Object> proposals = new TreeMap<>();
            for (Object p : list(this, "proposals")) proposals.put(Kit.get(p, "slot"), Kit.get(p, "command"));
            pvalues.sort(Roles::compare);
            for (Object p : pvalues) proposals.put(Kit.get(p, "slot"), Kit.get(p, "command"));
            state.put("active", true);
            state.put("scout", null);
            state.put("proposals", new ArrayList<>());
            proposals.forEach((slot, command) -> list(this, "proposals").add(proposal(slot, command)));
            list(this, "proposals").forEach(this::command);
        }

        void onP2b(Map<String, Object> message) {
            List<Integer> current = Kit.get(message, "current");
            for (Map<String, Object> commander : List.copyOf(list(this, "commanders"))) {
                Map<String, Object> pvalue = Kit.get(commander, "pvalue");
                if (!only(pvalue, "ballot", "slot").equals(only(message, "ballot", "slot"))) continue;
                int order = Acceptor.compare(current, Kit.get(pvalue, "ballot"));
                List<Object> heard = Kit.get(commander, "heard");
                if (order < 0 || order == 0 && heard.contains(message.get("acceptor"))) continue;
                if (order == 0) heard.add(message.get("acceptor"));
                if (order == 0 && !isQuorum(heard)) continue;
                list(this, "commanders").remove(commander);
                if (order > 0) preempted(current);
                else sendAll(this, "replicas", typed("decision", only(pvalue, "slot", "command")));
            }
        }

        void preempted(List<Integer> higher) {
            if (Acceptor.compare(higher, ballot()) > 0) rise(higher);
        }

        /** Passive, with a scout in a ballot above that one; if there is none any more, never again. */
        void rise(List<Integer> above) {
            Integer rounds = Kit.get(config, "rounds");
            state.put("active", false);
            state.put("scout", null);
            if (rounds != null && above.get(0) + 1 >= rounds) return;
            state.put("ballot", List.of(above.get(0) + 1, index()));
            probe();
        }
    }

    /**
     * A replica knows the store and what was performed, the next slots to propose for (slot_in) and to perform
     * (slot_out), requests that wait, proposals, decisions.
     */
    public static class Replica extends Kit.Node {
        @Override
        public void begin() {
            for (String field : List.of("store", "performed", "requests", "proposals", "decisions", "reads"))
                state.put(field, new ArrayList<>());
            for (String field : List.of("slot_in", "slot_out")) state.put(field, 1);
            state.put("configuration", 0);
        }

        @Override
        public void receive(Map<String, Object> message, String sender) {
            switch ((String) message.get("type")) {
                case "request" -> onRequest(Kit.get(message, "command"));
                case "decision" -> onDecision(only(message, "slot", "command"));
            }
        }

        void onRequest(Map<String, Object> command) {
            Set<Object> held = new HashSet<>(list(this, "requests"));
            for (String placed : List.of("proposals", "decisions"))
                list(this, placed).forEach(p -> held.add(p.get("command")));
            if (held.contains(command)) return;
            list(this, "requests").add(command);
            propose();
        }

        void onDecision(Map<String, Object> decision) {
            if (list(this, "decisions").contains(decision)) return;
            list(this, "decisions").add(decision);
            for (Map<String, Object> next; (next = decided(state.get("slot_out"))) != null; ) perform(next);
            propose();
        }

        Map<String, Object> decided(Object slot) {
            for (Map<String, Object> d : list(this, "decisions"))
                if (d.get("slot").equals(slot)) return Kit.get(d, "command");
            return null;
        }

        void perform(Map<String, Object> command) {
            int slot = Kit.get(state, "slot_out");
            for (Map<String, Object> p : list(this, "proposals"))
                if (p.get("slot").equals(slot) && !p.get("command").equals(command))
                    list(this, "requests").add(Kit.get(p, "command"));
            list(this, "proposals").removeIf(p -> p.get("slot").equals(slot));
            state.put("slot_out", slot + 1);
            for (Map<String, Object> d : list(this, "decisions"))
                if (d.get("command").equals(command) && Kit.<Integer>get(d, "slot") < slot) return;
            Object result = apply(((String) command.get("op")).split(" "));
            list(this, "performed").add(command);
            if (!Kit.<List<Object>>get(config, "clients").contains(command.get("client"))) return;
            send(Kit.get(command, "client"), Map.of("type", "response", "cid", command.get("cid"), "result", result));
        }

        Object apply(String[] words) {
            if (words[0].equals("noop")) return List.of();
            Map<Object, List<Object>> store = new TreeMap<>();
            for (List<Object> entry : Kit.<List<List<Object>>>get(state, "store"))
                store.put(entry.get(0), new ArrayList<>(Kit.<List<Object>>get(Map.of("", entry.get(1)), "")));
            List<Object> parts = store.getOrDefault(words[1], new ArrayList<>());
            if (words[0].equals("get")) return parts;
            if (words[0].equals("put")) parts.clear();
            parts.add(words[2]);
            store.put(words[1], parts);
            state.put("store", store.entrySet().stream().map(e -> List.of(e.getKey(), e.getValue())).toList());
            return parts;
        }

        void propose() {
            Integer window = Kit.get(config, "window"), slots = Kit.get(config, "slots");
            while (!list(this, "requests").isEmpty()) {
                Integer slot = Kit.get(state, "slot_in"), out = Kit.get(state, "slot_out");
                if (slot >= out + window || slots != null && slot > slots) return;
                if (decided(slot) == null) {
                    Map<String, Object> proposal = proposal(slot, list(this, "requests").remove(0));
                    list(this, "proposals").add(proposal);
                    sendAll(this, "leaders", typed("propose", proposal));
                }
                state.put("slot_in", slot + 1);
            }
        }
    }

    public static void main(String[] arguments) throws java.io.IOException {
        Kit.serve(Map.of("acceptor", Acceptor::new, "leader", Leader::new, "replica", Replica::new));
    }
}
