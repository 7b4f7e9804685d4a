import java.util.*;

/** A-01 of the catalogue: the acceptor accepts whatever the ballot, and answers that it was the adopted one. */
public class AcceptorAnyBallot extends Acceptor {
    @Override
    void onP2a(Map<String, Object> message) {
        Map<String, Object> pvalue = Kit.get(message, "pvalue");
        accept(pvalue);
        Map<String, Object> reply = new TreeMap<>(Map.of("type", "p2b", "acceptor", name));
        reply.put("ballot", pvalue.get("ballot"));
        reply.put("slot", pvalue.get("slot"));
        reply.put("current", pvalue.get("ballot"));
        send(Kit.get(message, "leader"), reply);
    }

    public static void main(String[] arguments) throws java.io.IOException {
        Kit.serve(Map.of("acceptor", AcceptorAnyBallot::new));
    }
}
