//! French.

use super::{Template, Words};

pub(super) const WORDS: Words = Words {
    wording,
    days: ["jour", "jours"],
    minutes: ["minute", "minutes"],
    address: "Si le bouton ne fonctionne pas, copiez cette adresse dans votre navigateur :",
};

fn wording(template: Template) -> [&'static str; 3] {
    match template {
        Template::Activation => [
            "Votre mot de passe pour {store}",
            "Bonjour {name},\n\nvotre compte chez {store} est prêt. Choisissez un mot de passe pour l’utiliser.\n\n\
             Le lien fonctionne une seule fois et pendant {validity}. Si vous n’attendiez pas ce message, vous \
             n’avez rien à faire.",
            "Choisir un mot de passe",
        ],
        Template::Reminder => [
            "Votre compte chez {store} vous attend",
            "Bonjour {name},\n\nvotre compte chez {store} n’a pas encore de mot de passe. Choisissez-en un pour \
             l’utiliser.\n\nCe lien remplace le précédent. Il fonctionne une seule fois et pendant {validity}.",
            "Choisir un mot de passe",
        ],
        Template::Reset => [
            "Votre nouveau mot de passe pour {store}",
            "Bonjour {name},\n\nvous avez demandé un nouveau mot de passe pour {store}. Choisissez-le ici.\n\n\
             Le lien fonctionne une seule fois et pendant {validity}. Si vous n’avez rien demandé, votre mot de \
             passe reste inchangé et vous n’avez rien à faire.",
            "Choisir un nouveau mot de passe",
        ],
        Template::Confirmation => [
            "Votre mot de passe pour {store} est enregistré",
            "Bonjour {name},\n\nle mot de passe de votre compte chez {store} vient d’être enregistré.\n\n\
             Si ce n’était pas vous, demandez tout de suite un nouveau mot de passe et prévenez la boutique.",
            "",
        ],
        Template::SignIn => [
            "Connexion à {store}",
            "Bonjour {name},\n\nce lien vous connecte. Il fonctionne une seule fois et pendant {validity}.\n\n\
             Si vous ne l’avez pas demandé, vous n’avez rien à faire.",
            "Se connecter",
        ],
    }
}
