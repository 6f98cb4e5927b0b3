//! German.

use super::{Template, Words};

pub(super) const WORDS: Words = Words {
    wording,
    days: ["Tag", "Tage"],
    minutes: ["Minute", "Minuten"],
    address: "Falls die Schaltfläche nicht funktioniert, kopieren Sie diese Adresse in Ihren Browser:",
};

fn wording(template: Template) -> [&'static str; 3] {
    match template {
        Template::Activation => [
            "Ihr Passwort für {store}",
            "Guten Tag {name},\n\nIhr Konto bei {store} ist bereit. Wählen Sie ein Passwort, um es zu nutzen.\n\n\
             Der Link gilt einmal (Gültigkeit: {validity}). Falls Sie diese E-Mail nicht erwartet haben, brauchen \
             Sie nichts zu tun.",
            "Passwort wählen",
        ],
        Template::Reminder => [
            "Ihr Konto bei {store} wartet noch",
            "Guten Tag {name},\n\nIhr Konto bei {store} hat noch kein Passwort. Wählen Sie eines, um es zu nutzen.\n\n\
             Dieser Link ersetzt den früheren und gilt einmal (Gültigkeit: {validity}).",
            "Passwort wählen",
        ],
        Template::Reset => [
            "Ihr neues Passwort für {store}",
            "Guten Tag {name},\n\nSie haben ein neues Passwort für {store} angefordert. Hier können Sie es wählen.\n\n\
             Der Link gilt einmal (Gültigkeit: {validity}). Falls Sie nichts angefordert haben, bleibt Ihr Passwort, \
             wie es ist, und Sie brauchen nichts zu tun.",
            "Neues Passwort wählen",
        ],
        Template::Confirmation => [
            "Ihr Passwort für {store} wurde gesetzt",
            "Guten Tag {name},\n\ndas Passwort Ihres Kontos bei {store} wurde gerade gesetzt.\n\n\
             Falls Sie das nicht waren, fordern Sie sofort ein neues Passwort an und sagen Sie dem Shop Bescheid.",
            "",
        ],
        Template::SignIn => [
            "Anmeldung bei {store}",
            "Guten Tag {name},\n\nmit diesem Link melden Sie sich an. Er gilt einmal (Gültigkeit: {validity}).\n\n\
             Falls Sie ihn nicht angefordert haben, brauchen Sie nichts zu tun.",
            "Anmelden",
        ],
    }
}
