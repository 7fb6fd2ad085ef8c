package orca.handlers.nodeagent2;

public final class ModifyTask extends Na2Task {
    public ModifyTask() {
        super("modify");
    }
}
