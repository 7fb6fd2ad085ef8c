package orca.handlers.nodeagent2;

public final class LeaveTask extends Na2Task {
    public LeaveTask() {
        super("leave");
    }
}
