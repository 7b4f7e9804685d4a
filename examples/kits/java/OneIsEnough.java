import java.util.Collection;
import java.util.Map;

/** B-05 and B-06 of the catalogue: one server is taken for a majority, of promises and of acceptances. */
public class OneIsEnough extends Server {
    @Override
    boolean isMajority(Collection<?> some) { return !some.isEmpty(); }

    public static void main(String[] arguments) throws java.io.IOException {
        Kit.serve(Map.of("", OneIsEnough::new));
    }
}
