//! What containers of a task ask of each other: order of start, ports, targets of load balancers.

use std::collections::{BTreeMap, HashMap, HashSet};

use copilot_yaml::Span;

use super::fail;
use crate::decode::{Context, Map, Path, Spanned};
use crate::workload::ports::{ExposedPorts, parse_port, wrap};
use crate::workload::{Http, Image, Logging, Nlb, NlbListener, RoutingRule, Sidecar, codes, split_port};

/// Name of the container that `logging` adds.
pub const LOG_ROUTER: &str = "firelens_log_router";

/// The containers of a task and what leads to them.
pub(super) struct Containers<'a> {
    pub(super) main: &'a str,
    pub(super) image: Option<&'a Image>,
    pub(super) port: Option<&'a Spanned<u16>>,
    pub(super) sidecars: Option<&'a Map<Sidecar>>,
    pub(super) logging: Option<&'a Logging>,
    pub(super) http: Option<&'a Http>,
    pub(super) nlb: Option<&'a Nlb>,
}

impl<'a> Containers<'a> {
    pub(super) fn check(&self, cx: &mut Context<'_>) {
        self.targets(cx);
        self.dependencies(cx);
        self.unique_ports(cx);
        self.health_check_ports(cx);
    }

    fn sidecars(&self) -> impl Iterator<Item = (&'a str, &'a Spanned<Sidecar>)> {
        self.sidecars.into_iter().flat_map(Map::iter)
    }

    fn rules(&self) -> impl Iterator<Item = (Path, &'a RoutingRule)> {
        self.http.into_iter().flat_map(Http::placed_rules)
    }

    fn listeners(&self) -> impl Iterator<Item = (Path, &'a NlbListener)> {
        let nlb = self.nlb.filter(|nlb| !nlb.is_empty());
        let main = nlb.map(|nlb| (Path::from("nlb"), &nlb.main));
        let additional = nlb.map_or(&[][..], Nlb::additional).iter().enumerate();
        let place = |index| Path::from(["nlb", "additional_listeners"]).then(index);
        main.into_iter().chain(additional.map(move |(index, value)| (place(index), &value.value)))
    }

    /// A target is a container that exists and has a port.
    fn targets(&self, cx: &mut Context<'_>) {
        let rules = self.rules().map(|(path, rule)| (path, rule.target_container.as_ref()));
        let listeners = self.listeners().map(|(path, listener)| (path, listener.target_container.as_ref()));
        for (path, target) in rules.chain(listeners) {
            let Some(target) = target else { continue };
            let problem = if target.value == self.main {
                self.port.is_none().then_some("doesn't expose a port")
            } else {
                match self.sidecars.and_then(|sidecars| sidecars.get(&target.value)) {
                    None => Some("doesn't exist"),
                    Some(sidecar) => sidecar.port.is_none().then_some("doesn't expose a port"),
                }
            };
            if let Some(problem) = problem {
                let message = format!("target container `{}` of `{path}` {problem}", target.value);
                let help = format!("name `{}` or a sidecar that has a `port`", self.main);
                let path = path.then("target_container");
                cx.at(path, |cx| fail(cx, &codes::TARGET_CONTAINER, target.span, message, help));
            }
        }
    }

    /// Every container with what it waits for, and whether the task stops with it.
    fn graph(&self) -> BTreeMap<&'a str, (bool, Option<&'a Map<String>>)> {
        let mut graph = BTreeMap::new();
        graph.insert(self.main, (true, self.image.and_then(|image| image.depends_on.as_deref())));
        if self.logging.is_some_and(Logging::has_router) {
            graph.insert(LOG_ROUTER, (false, None));
        }
        for (name, sidecar) in self.sidecars() {
            let essential = sidecar.essential.as_ref().is_none_or(|essential| essential.value);
            graph.insert(name, (essential, sidecar.depends_on.as_deref()));
        }
        graph
    }

    fn dependencies(&self, cx: &mut Context<'_>) {
        let graph = self.graph();
        for (name, (_, depends_on)) in &graph {
            let path = self.place_of_dependencies(name);
            for (on, member) in depends_on.iter().flat_map(|depends_on| &depends_on.0) {
                let span = member.value.as_ref().map_or(member.key, |status| status.span);
                let status = member.value.as_ref().map(|status| status.to_lowercase()).unwrap_or_default();
                match graph.get(on.as_str()) {
                    None => {
                        let message = format!("container `{on}`, which `{name}` depends on, does not exist");
                        let help = match cx.near(on, graph.keys().copied()) {
                            Some(near) => format!("did you mean `{near}`?"),
                            None => format!(
                                "the containers are {}",
                                super::one_of_many(graph.keys().copied(), graph.len())
                            ),
                        };
                        cx.at(path.clone(), |cx| {
                            fail(cx, &codes::DEPENDENCY_UNKNOWN, member.key, message, help);
                        });
                    }
                    Some((true, _)) if matches!(status.as_str(), "complete" | "success") => {
                        let message =
                            format!("`{name}` waits for the end of `{on}`, with which the task stops");
                        let help =
                            format!("wait for `start` or `healthy`, or set `essential: false` on `{on}`");
                        cx.at(path.clone(), |cx| {
                            fail(cx, &codes::DEPENDENCY_STATUS, span, message, help);
                        });
                    }
                    Some(_) => {}
                }
            }
        }
        self.cycle(&graph, cx);
    }

    fn cycle(&self, graph: &BTreeMap<&'a str, (bool, Option<&'a Map<String>>)>, cx: &mut Context<'_>) {
        let waiting = Waiting::new(graph);
        let left = waiting.circles();
        let Some(first) = left.first() else { return };
        let spans: Vec<Span> = waiting.between(&left).take(SHOWN).collect();
        let message = match left.as_slice() {
            [one] => format!("container `{one}` depends on itself (`depends_on`)"),
            many => {
                let more = match many.len().saturating_sub(SHOWN) {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                let named = many[..many.len().min(SHOWN)].join(", ");
                format!("circular container dependency (`depends_on`) of {named}{more}")
            }
        };
        let mut problem =
            cx.error(&codes::DEPENDENCY_CYCLE, message, spans.first().copied().unwrap_or_default(), "");
        for span in spans.iter().skip(1) {
            problem = problem.at(cx.source(), *span, "");
        }
        let problem = problem.help("remove one of these dependencies: none of the containers could start");
        cx.at(self.place_of_dependencies(first), |cx| cx.report(problem));
    }

    fn place_of_dependencies(&self, container: &str) -> Path {
        let place = if container == self.main { "image".into() } else { Path::from(["sidecars", container]) };
        place.then("depends_on")
    }

    /// A port belongs to one container and one protocol.
    fn unique_ports(&self, cx: &mut Context<'_>) {
        let mut owners = Owners::default();
        for (name, sidecar) in self.sidecars() {
            let Some(text) = &sidecar.port else { continue };
            let Some((port, protocol)) = split_port(text) else { continue };
            let Some(port) = parse_port(port) else { continue };
            let (protocol, path) = (protocol.unwrap_or("tcp"), Path::from(["sidecars", name, "port"]));
            owners.claim(&Claim { port, protocol, container: name, span: text.span, path }, cx);
        }
        for (path, rule) in self.rules() {
            let Some(port) = &rule.target_port else { continue };
            let container = self.owner(rule.target_container.as_ref(), port.value, &owners);
            let path = path.then("target_port");
            let claim =
                Claim { port: port.value, protocol: "tcp", container: &container, span: port.span, path };
            owners.claim(&claim, cx);
        }
        for (path, listener) in self.listeners() {
            let Some((port, protocol)) = listener.port_and_protocol() else { continue };
            let Some(port) = parse_port(port) else { continue };
            let target = listener.target_port.as_ref().map(|port| (wrap(port.value), port.span));
            let (port, span) =
                target.unwrap_or((port, listener.port.as_ref().map_or_else(Span::default, |p| p.span)));
            let protocol = protocol.filter(|protocol| !protocol.eq_ignore_ascii_case("tls")).unwrap_or("tcp");
            let container = self.owner(listener.target_container.as_ref(), port, &owners);
            owners.claim(&Claim { port, protocol, container: &container, span, path: path.then("port") }, cx);
        }
        if let Some(port) = self.port {
            let known = owners.ports.get(&port.value).map(|(_, protocol, _)| protocol.clone());
            let protocol = known.as_deref().unwrap_or("tcp");
            let path = Path::from(["image", "port"]);
            owners.claim(
                &Claim { port: port.value, protocol, container: self.main, span: port.span, path },
                cx,
            );
        }
    }

    /// The container named as target, else the one that has the port already, else the main one.
    fn owner(&self, target: Option<&Spanned<String>>, port: u16, owners: &Owners) -> String {
        let named = target.map(|target| target.value.clone());
        named.or_else(|| owners.of(port)).unwrap_or_else(|| self.main.to_owned())
    }

    /// Load balancers ask over TCP. Protocols other than TCP and UDP are refused where they stand.
    fn health_check_ports(&self, cx: &mut Context<'_>) {
        let rules: Vec<&RoutingRule> = self.http.map(Http::rules).unwrap_or_default();
        let listeners: Vec<&NlbListener> = self.listeners().map(|(_, listener)| listener).collect();
        let main_port = self.port.map(|port| port.value);
        let sidecars = self.sidecars().map(|(name, sidecar)| (name, &sidecar.value));
        let ports = ExposedPorts::collect(self.main, main_port, sidecars, &rules, &listeners);
        let mut asked: Vec<(Path, u16, Span)> = Vec::new();
        for (path, rule) in self.rules().filter(|_| !rules.is_empty()) {
            asked.extend(rule_port(rule, self.port).map(|(port, span)| (path, port, span)));
        }
        for (path, listener) in self.listeners() {
            asked.extend(listener_port(listener, self.port).map(|(port, span)| (path, port, span)));
        }
        for (path, port, span) in asked {
            let Some(exposed) = ports.get(port).filter(|exposed| exposed.protocol == "udp") else { continue };
            let message = format!(
                "the health check of `{path}` asks port {port}, which container `{}` exposes with protocol {}",
                exposed.container, exposed.protocol
            );
            let help = "set `healthcheck.port` to a port with protocol tcp";
            cx.at(path, |cx| fail(cx, &codes::HEALTH_CHECK_PORT, span, message, help));
        }
    }
}

/// Most containers, and most places, that a message about a circle has.
const SHOWN: usize = 20;

/// Which container waits for which, by their places in the order of names.
struct Waiting<'a> {
    names: Vec<&'a str>,
    /// What each waits for, and where the manifest says so.
    on: Vec<Vec<(usize, Span)>>,
}

impl<'a> Waiting<'a> {
    fn new(graph: &BTreeMap<&'a str, (bool, Option<&'a Map<String>>)>) -> Self {
        let names: Vec<&str> = graph.keys().copied().collect();
        let places: HashMap<&str, usize> =
            names.iter().enumerate().map(|(place, name)| (*name, place)).collect();
        let edges = |depends_on: Option<&'a Map<String>>| {
            let members = depends_on.into_iter().flat_map(|depends_on| &depends_on.0);
            members.filter_map(|(on, member)| Some((*places.get(on.as_str())?, member.key))).collect()
        };
        let on = graph.values().map(|(_, depends_on)| edges(*depends_on)).collect();
        Self { names, on }
    }

    /// The containers that are part of a circle or stand between two of them: what waits for nothing, and what nothing waits
    /// for, is taken away until nothing changes.
    fn circles(&self) -> Vec<&'a str> {
        let mut by: Vec<Vec<usize>> = vec![Vec::new(); self.names.len()];
        for (place, on) in self.on.iter().enumerate() {
            for (on, _) in on {
                by[*on].push(place);
            }
        }
        let mut waits: Vec<usize> = self.on.iter().map(Vec::len).collect();
        let mut awaited: Vec<usize> = by.iter().map(Vec::len).collect();
        let mut gone = vec![false; self.names.len()];
        let mut free: Vec<usize> =
            (0..self.names.len()).filter(|at| waits[*at] == 0 || awaited[*at] == 0).collect();
        while let Some(at) = free.pop() {
            if std::mem::replace(&mut gone[at], true) {
                continue;
            }
            for other in &by[at] {
                waits[*other] -= 1;
                if waits[*other] == 0 {
                    free.push(*other);
                }
            }
            for (other, _) in &self.on[at] {
                awaited[*other] -= 1;
                if awaited[*other] == 0 {
                    free.push(*other);
                }
            }
        }
        self.names.iter().zip(gone).filter(|(_, gone)| !gone).map(|(name, _)| *name).collect()
    }

    /// Where the manifest says that one of these waits for another.
    fn between(&self, left: &[&'a str]) -> impl Iterator<Item = Span> {
        let left: HashSet<&str> = left.iter().copied().collect();
        let members = self.names.iter().zip(&self.on).filter(|(name, _)| left.contains(*name));
        let mut spans = Vec::new();
        for (_, on) in members {
            spans.extend(on.iter().filter(|(on, _)| left.contains(self.names[*on])).map(|(_, span)| *span));
        }
        spans.into_iter()
    }
}

fn rule_port(rule: &RoutingRule, main: Option<&Spanned<u16>>) -> Option<(u16, Span)> {
    let check = rule.healthcheck.as_ref().and_then(|check| check.advanced()?.port.as_ref());
    let asked = check.map(|port| (wrap(port.value), port.span));
    asked.or_else(|| rule.target_port.as_ref().or(main).map(|port| (port.value, port.span)))
}

fn listener_port(listener: &NlbListener, main: Option<&Spanned<u16>>) -> Option<(u16, Span)> {
    let check = listener.healthcheck.as_ref().and_then(|check| check.port.as_ref());
    let asked = check.or(listener.target_port.as_ref()).map(|port| (wrap(port.value), port.span));
    asked
        .or_else(|| Some((parse_port(listener.port_and_protocol()?.0)?, listener.port.as_ref()?.span)))
        .or_else(|| main.map(|port| (port.value, port.span)))
}

/// A claim on a port.
struct Claim<'a> {
    port: u16,
    protocol: &'a str,
    container: &'a str,
    span: Span,
    path: Path,
}

/// Who has claimed which port so far: container, protocol in lower case, place.
#[derive(Default)]
struct Owners {
    ports: BTreeMap<u16, (String, String, Span)>,
}

impl Owners {
    fn of(&self, port: u16) -> Option<String> {
        self.ports.get(&port).map(|(container, _, _)| container.clone())
    }

    fn claim(&mut self, claim: &Claim<'_>, cx: &mut Context<'_>) {
        let protocol = claim.protocol.to_lowercase();
        let Some((container, known, first)) = self.ports.get(&claim.port) else {
            self.ports.insert(claim.port, (claim.container.to_owned(), protocol, claim.span));
            return;
        };
        let port = claim.port;
        let message = if container != claim.container {
            format!("containers `{}` and `{container}` both expose port {port}", claim.container)
        } else if *known != protocol {
            format!("container `{container}` exposes port {port} with the protocols {protocol} and {known}")
        } else {
            return;
        };
        let problem = cx.error(&codes::PORT_CONFLICT, message, claim.span, "").at(
            cx.source(),
            *first,
            "exposed here first",
        );
        let problem =
            problem.help("a port of a task belongs to one container and one protocol: choose another");
        cx.at(claim.path.clone(), |cx| cx.report(problem));
    }
}
