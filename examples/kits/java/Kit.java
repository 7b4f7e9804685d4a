import static java.util.stream.Collectors.joining;
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.function.Supplier;
import java.util.regex.*;

/** The line protocol of pmmc, version 1, for nodes written in Java 17: copy this file, it needs no other. */
public class Kit {
    /** A node. For each call a new object is made, its state is set, and one handler runs. It changes the
     *  state, which is JSON (maps, lists, text, Integer, Boolean, null), and calls send; one that does neither
     *  has ignored what came, and the message stays. Nothing else may be kept from call to call. */
    public abstract static class Node {
        public String name;
        public Map<String, Object> config, state = new TreeMap<>();
        final List<Object> sends = new ArrayList<>();

        public abstract void begin(); // put into the state what the node knows at first; it may send
        public abstract void receive(Map<String, Object> message, String sender); // {"type": …} has come
        public void wake(String timer) {} // the timer of this name goes off
        public Object disk() { return state; } // what is on disk
        public void restart() {} // after a crash; the state is what was on disk
        public Object view() { return null; } // what properties read; null: the state itself
        public void send(String to, Object message) { sends.add(Map.of("to", to, "message", message)); }
    }

    @SuppressWarnings("unchecked") // what a map has under a key, as whatever type it is wanted
    public static <T> T get(Object map, String key) { return (T) ((Map<String, Object>) map).get(key); }

    static List<Object> answer(Map<String, Supplier<Node>> kinds, Map<String, Object> config, Object request) {
        String name = get(request, "node"), asked = get(request, "do");
        Node node = kinds.getOrDefault(name.split(" ")[0], kinds.get("")).get();
        node.name = name;
        node.config = config;
        if (!asked.equals("init")) node.state = get(request, "state");
        String old = write(node.state);
        switch (asked) {
            case "init" -> node.begin();
            case "restart" -> node.restart();
            case "crash" -> { return List.of(Map.of("state", node.disk())); }
            case "wake" -> node.wake(get(request, "timer"));
            case "step" -> node.receive(get(request, "message"), get(request, "from"));
        }
        boolean changed = !node.sends.isEmpty() || !write(node.state).equals(old);
        if (!changed && Set.of("step", "wake").contains(asked)) return List.of(); // it was ignored
        Map<String, Object> step = new TreeMap<>(Map.of("state", node.state, "sends", node.sends));
        if (node.view() != null) step.put("view", node.view());
        return List.of(step);
    }

    /** Answer what standard input asks until it ends; kinds by the first word of a node's name, "" for all. */
    public static void serve(Map<String, Supplier<Node>> kinds) throws IOException {
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8), 1 << 20);
        var out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 20);
        Map<String, Object> config = new TreeMap<>();
        for (String line; (line = in.readLine()) != null; ) {
            Object request = read(TOKEN.matcher(line));
            Map<String, Object> said = new TreeMap<>(Map.of("id", Kit.<Object>get(request, "id")));
            try {
                boolean hello = get(request, "do").equals("hello");
                if (hello) config.putAll(get(request, "config"));
                said.put(hello ? "protocol" : "steps", hello ? 1 : answer(kinds, config, request));
            } catch (RuntimeException error) {
                error.printStackTrace();
                said.put("error", error.toString());
            }
            out.write((write(said) + "\n").getBytes(StandardCharsets.UTF_8));
            if (!in.ready()) out.flush(); // just now nothing more is asked
        }
        out.flush();
    }

    static final Pattern TOKEN = Pattern.compile("\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\"|[{}\\[\\]]|[^\\s,:{}\\[\\]]+");
    static final Pattern ESCAPE = Pattern.compile("\\\\(?:u(....)|.)"), CONTROL = Pattern.compile("[\0-\37\"\\\\]");

    static Object read(Matcher json) { // the next value; a Character for what ends a map or a list
        String token = json.find() ? json.group() : "}";
        var map = new TreeMap<String, Object>();
        var list = new ArrayList<Object>();
        switch (token.charAt(0)) {
            case '{': while (read(json) instanceof String key) map.put(key, read(json)); return map;
            case '[': for (Object one; !((one = read(json)) instanceof Character); ) list.add(one); return list;
            case '}', ']': return token.charAt(0);
            case '"': return ESCAPE.matcher(token.substring(1, token.length() - 1)).replaceAll(e ->
                Matcher.quoteReplacement(e.group(1) == null ? e.group().translateEscapes()
                    : Character.toString(Integer.parseInt(e.group(1), 16))));
            case 't', 'f', 'n': return token.equals("null") ? null : token.equals("true");
            default: return Integer.valueOf(token);
        }
    }

    static String write(Object value) { // keys in order: equal values are equal texts
        if (value instanceof Map<?, ?> map) return new TreeMap<>(map).entrySet().stream()
            .map(e -> write(e.getKey()) + ":" + write(e.getValue())).collect(joining(",", "{", "}"));
        if (value instanceof List<?> list) return list.stream().map(Kit::write).collect(joining(",", "[", "]"));
        if (!(value instanceof String text)) return String.valueOf(value);
        return '"' + CONTROL.matcher(text).replaceAll(c -> "\\\\u%04x".formatted((int) c.group().charAt(0))) + '"';
    }
}
