//! Italian.

use super::{Template, Words};

pub(super) const WORDS: Words = Words {
    wording,
    days: ["giorno", "giorni"],
    minutes: ["minuto", "minuti"],
    address: "Se il pulsante non funziona, copi questo indirizzo nel suo browser:",
};

fn wording(template: Template) -> [&'static str; 3] {
    match template {
        Template::Activation => [
            "La sua password per {store}",
            "Buongiorno {name},\n\nil suo account presso {store} è pronto. Scelga una password per usarlo.\n\n\
             Il link funziona una sola volta e per {validity}. Se non aspettava questo messaggio, non deve fare nulla.",
            "Scegli la password",
        ],
        Template::Reminder => [
            "Il suo account presso {store} la aspetta",
            "Buongiorno {name},\n\nil suo account presso {store} non ha ancora una password. Ne scelga una per \
             usarlo.\n\nQuesto link sostituisce il precedente. Funziona una sola volta e per {validity}.",
            "Scegli la password",
        ],
        Template::Reset => [
            "La sua nuova password per {store}",
            "Buongiorno {name},\n\nha chiesto una nuova password per {store}. La scelga qui.\n\n\
             Il link funziona una sola volta e per {validity}. Se non l’ha chiesta, la sua password resta com’è \
             e non deve fare nulla.",
            "Scegli la nuova password",
        ],
        Template::Confirmation => [
            "La sua password per {store} è stata impostata",
            "Buongiorno {name},\n\nla password del suo account presso {store} è appena stata impostata.\n\n\
             Se non è stato lei, chieda subito una nuova password e avvisi il negozio.",
            "",
        ],
        Template::SignIn => [
            "Accesso a {store}",
            "Buongiorno {name},\n\ncon questo link accede. Funziona una sola volta e per {validity}.\n\n\
             Se non l’ha chiesto, non deve fare nulla.",
            "Accedi",
        ],
    }
}
