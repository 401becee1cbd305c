"""Who may include whom: the ground plan of docs/architecture.md, and the absence of module cycles."""
import os

# Left may include right (and itself).
CORE = ("base", "model", "trace", "sched", "runtime", "run")
FIRST_FLOOR = ("explorer", "interpose", "proxies", "shiviz", "starlark")
BESIDE = ("bench", "examples", "tests")

# Inside starlark/ the language knows nothing of services: only spec words and generators do.
LANGUAGE = ("syntax", "resolve", "eval", "lib")
SPEC_WORDS = ("spec", "specgen")


def refusal(source, target):
    """Why the file `source` may not include the file `target` (paths); None: it may."""
    from_room, to_room = source.split("/")[0], target.split("/")[0]
    if from_room in BESIDE:
        return None
    if to_room in BESIDE:
        return f"nothing looks at {to_room}/"
    if from_room == "cli" or (from_room in FIRST_FLOOR and to_room == "core"):
        return None
    if from_room == to_room == "core":
        return _core_refusal(source.split("/")[1], target.split("/")[1])
    if from_room == to_room:
        return _starlark_refusal(source, target) if from_room == "starlark" else None
    if from_room == "core":
        return "core/ knows no room"
    return f"{from_room}/ and {to_room}/ are strangers: what two rooms need moves down to core"


def _core_refusal(source, target):
    for folder in (source, target):
        if folder not in CORE:
            return f"core/{folder} is not in the ground plan"
    if CORE.index(source) < CORE.index(target):
        return f"core/{source} lies below core/{target}"
    return None


def _starlark_refusal(source, target):
    if source.split("/")[1] in LANGUAGE and target.split("/")[1] in SPEC_WORDS:
        return "the language knows nothing of services"
    return None


def check_layers(sources):
    known = {source.path for source in sources}
    problems = []
    for source in sources:
        for line, bracket, name in source.includes():
            if bracket != '"':
                continue
            if name not in known:
                # Guest programs are built where they stand and may use their own folder's headers.
                beside = os.path.normpath(os.path.join(os.path.dirname(source.path), name))
                if source.room in BESIDE and beside in known:
                    continue
                problems.append(f'{source.path}:{line}: #include "{name}": no such file '
                                "(includes are full paths from the root)")
                continue
            why = refusal(source.path, name)
            if why:
                problems.append(f'{source.path}:{line}: #include "{name}": {why}')
    return problems


def module_of(path):
    """x.h and x.cc are one module."""
    return os.path.splitext(path)[0]


def module_graph(sources):
    known = {source.path for source in sources}
    graph = {}
    for source in sources:
        targets = graph.setdefault(module_of(source.path), set())
        for _, bracket, name in source.includes():
            if bracket == '"' and name in known:
                targets.add(module_of(name))
    return {module: sorted(targets - {module}) for module, targets in graph.items()}


def find_cycles(graph):
    """One cycle per strongly connected component (Tarjan), as lists of modules, first = last."""
    cycles = []
    for component in _components(graph):
        if len(component) > 1:
            cycles.append(_a_cycle(graph, component))
    return sorted(cycles)


def _components(graph):
    index, low, stack, on_stack, components = {}, {}, [], set(), []
    for start in sorted(graph):
        if start in index:
            continue
        work = [(start, iter(graph[start]))]
        index[start] = low[start] = len(index)
        stack.append(start)
        on_stack.add(start)
        while work:
            node, targets = work[-1]
            target = next(targets, None)
            if target is None:
                work.pop()
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
                if low[node] == index[node]:
                    component = set()
                    while node not in component:
                        component.add(stack.pop())
                    on_stack -= component
                    components.append(component)
            elif target not in index:
                index[target] = low[target] = len(index)
                stack.append(target)
                on_stack.add(target)
                work.append((target, iter(graph.get(target, ()))))
            elif target in on_stack:
                low[node] = min(low[node], index[target])
    return components


def _a_cycle(graph, component):
    """The shortest way from the component's first module back to itself."""
    start = min(component)
    came_from, queue = {}, [start]
    for node in queue:
        for target in graph[node]:
            if target == start:
                path = [start, node]
                while path[-1] != start:
                    path.append(came_from[path[-1]])
                return path[::-1] if node != start else [start, start]
            if target in component and target not in came_from:
                came_from[target] = node
                queue.append(target)
    raise AssertionError("a component of several modules holds a cycle")


def check_cycles(sources):
    return ["module cycle: " + " -> ".join(cycle) for cycle in find_cycles(module_graph(sources))]
