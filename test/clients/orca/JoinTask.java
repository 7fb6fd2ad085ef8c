package orca.handlers.nodeagent2;

public final class JoinTask extends Na2Task {
    public JoinTask() {
        super("join");
    }
}
