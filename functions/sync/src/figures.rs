//! What the function tells CloudWatch at each sweep: what alarms and the dashboard are made of.

use std::io::Write;

use shared::{
    metrics::{Figure, Unit, line},
    report::AttentionKind,
    store,
    sync::Looked,
};

use super::App;

/// What a person is asked about and should be told of at once, with its figure's name.
const ASKED: [(AttentionKind, &str); 4] = [
    (AttentionKind::Dead, "DeadWork"),
    (AttentionKind::Deletions, "DeletionBrakes"),
    (AttentionKind::Credentials, "RefusedCredentials"),
    (AttentionKind::Webhook, "SilentWebhooks"),
];

impl App {
    /// The figures of a sweep: what it did, how old the oldest row is that was due, and what waits
    /// for a person.
    ///
    /// # Errors
    /// When what waits for a person cannot be read.
    pub async fn figures(&self, looked: &Looked) -> Result<Vec<Figure>, store::Error> {
        let now = self.engine.clock.now();
        let age = looked.oldest.map_or(0.0, |oldest| now.duration_since(oldest).as_secs_f64());
        let mut figures = vec![
            Figure::count("WorkDone", looked.done),
            Figure::count("WorkPutOff", looked.put_off),
            Figure { name: "OldestWork", unit: Unit::Seconds, value: age.max(0.0) },
        ];
        for (kind, name) in ASKED {
            figures.push(Figure::count(name, self.engine.tables.count_attention(kind).await?));
        }
        Ok(figures)
    }

    /// Tells the figures, where the function has been given the name of its stack.
    pub(crate) async fn tell(&self, looked: &Looked) {
        let Some(stack) = &self.stack else { return };
        match self.figures(looked).await {
            Ok(figures) => {
                let line = line(stack, self.engine.clock.now(), &figures);
                // A log that cannot be written to has nobody to tell of it.
                let _ = writeln!(std::io::stdout().lock(), "{line}");
            }
            Err(error) => tracing::warn!(%error, "figures left out"),
        }
    }
}
