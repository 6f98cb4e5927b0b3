//! How far an import is, on a terminal as a bar that moves, elsewhere as a line now and then.

use std::io::{self, Write};

use shared::import::{State, Verdict};

use super::import::Told;

/// How many places the bar has.
const WIDTH: u64 = 24;
/// A line of its own is written after so many percent.
const STEP: u64 = 5;

/// Where it is told.
pub(super) struct Bar<W> {
    out: W,
    is_terminal: bool,
    /// Whether a bar stands on the last line.
    stands: bool,
    /// What the last line told: so many steps of the whole.
    told: Option<u64>,
}

impl<W: Write> Bar<W> {
    pub(super) fn new(out: W, is_terminal: bool) -> Bar<W> {
        Bar { out, is_terminal, stands: false, told: None }
    }

    /// Tells how far it is.
    pub(super) fn draw(&mut self, told: &Told) -> io::Result<()> {
        if self.is_terminal {
            self.stands = true;
            write!(self.out, "\r\x1b[2K{} {}", bar(told), words(told))?;
            return self.out.flush();
        }
        let step = percent(told).map_or(0, |percent| percent / STEP);
        match self.told == Some(step) {
            true => Ok(()),
            false => {
                self.told = Some(step);
                writeln!(self.out, "{}", words(told))
            }
        }
    }

    /// Tells how it ended, and what it came to.
    pub(super) fn end(&mut self, told: &Told) -> io::Result<()> {
        let state = match (told.state, told.dry) {
            (State::Done, true) => "Foreseen, and nothing was changed",
            (State::Done, false) => "Done",
            (State::Cancelled, _) => "Cancelled",
            (State::Paused, _) => "Paused",
            (State::Stopped, _) => "Stopped: it asks for a person",
            (State::Active, _) => "Under way",
        };
        let came = Verdict::ALL.into_iter().filter(|verdict| told.counts.of(*verdict) > 0);
        let came: Vec<String> =
            came.map(|verdict| format!("{} {}", told.counts.of(verdict), verdict.name())).collect();
        let came = if came.is_empty() { "nobody was gone over".to_owned() } else { came.join(", ") };
        self.say(&format!("{state}: {} customers; {came}.", told.progress.done))
    }

    /// Tells something on a line of its own.
    pub(super) fn say(&mut self, text: &str) -> io::Result<()> {
        if std::mem::take(&mut self.stands) {
            write!(self.out, "\r\x1b[2K")?;
        }
        writeln!(self.out, "{text}")
    }
}

fn percent(told: &Told) -> Option<u64> {
    let total = told.progress.total.filter(|total| *total > 0)?;
    Some(told.progress.done.min(total) * 100 / total)
}

fn bar(told: &Told) -> String {
    let full = percent(told).map_or(0, |percent| percent * WIDTH / 100);
    (0..WIDTH).map(|place| if place < full { '█' } else { '░' }).collect()
}

/// `45 %, 22500 of 50000 customers, 1650 a second, 17 s left, 62 % of the quota in use`, as far as it is known.
fn words(told: &Told) -> String {
    let progress = &told.progress;
    let mut parts: Vec<String> = percent(told).map(|percent| format!("{percent:>3} %")).into_iter().collect();
    parts.push(match progress.total {
        Some(total) => format!("{} of {total} customers", progress.done),
        None => format!("{} customers", progress.done),
    });
    parts.extend(progress.rate.map(|rate| format!("{rate:.0} a second")));
    parts.extend(progress.eta_seconds.map(|seconds| format!("{} left", time(seconds))));
    parts.extend(told.quota_used_percent.map(|used| format!("{used} % of the quota in use")));
    parts.extend(told.waits.as_ref().map(|waits| format!("tried again: {}", waits.reason)));
    parts.join(", ")
}

fn time(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(done: u64, state: &str) -> Told {
        let progress = json!({ "done": done, "total": 50_000, "rate": 1650.4, "etaSeconds": 17 });
        let run = json!({
            "id": "x", "dry": false, "state": state, "progress": progress, "counts": { "create": done },
            "quotaUsedPercent": 62,
        });
        serde_json::from_value(run).unwrap()
    }

    fn written(is_terminal: bool, draws: &[u64]) -> String {
        let mut bar = Bar::new(Vec::new(), is_terminal);
        draws.iter().for_each(|done| bar.draw(&told(*done, "active")).unwrap());
        bar.end(&told(50_000, "done")).unwrap();
        String::from_utf8(bar.out).unwrap()
    }

    #[test]
    fn a_terminal_has_one_line_that_moves() {
        let text = written(true, &[0, 25_000]);
        assert_eq!(text.matches('\n').count(), 1);
        assert!(text.contains(&format!("{}{}  50 %", "█".repeat(12), "░".repeat(12))), "{text}");
        assert!(text.ends_with("\r\x1b[2KDone: 50000 customers; 50000 create.\n"), "{text:?}");
    }

    #[test]
    fn elsewhere_a_line_is_written_now_and_then_and_nothing_moves() {
        let text = written(false, &[0, 100, 200, 2_500, 2_600]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert_eq!(
            lines[1],
            "  5 %, 2500 of 50000 customers, 1650 a second, 17 s left, 62 % of the quota in use"
        );
        assert!(!text.contains(['\r', '\x1b', '█']));
    }

    #[test]
    fn what_is_not_known_is_not_told() {
        let run = json!({
            "id": "x", "dry": true, "state": "active", "progress": { "done": 0 }, "counts": {},
            "waits": { "until": "2026-01-01T00:00:00Z", "attempts": 1, "reason": "the store did not answer" },
        });
        assert_eq!(
            words(&serde_json::from_value(run).unwrap()),
            "0 customers, tried again: the store did not answer"
        );
    }
}
