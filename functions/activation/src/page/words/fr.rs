//! French.

use super::{Rules, Words};

pub(super) const WORDS: Words = Words {
    choose: "Choisissez votre mot de passe",
    choose_for: "Ce mot de passe ouvrira votre compte chez {store}.",
    password: "Nouveau mot de passe",
    show: "Afficher",
    set: "Enregistrer le mot de passe",
    advice: "Plusieurs mots sans rapport entre eux sont faciles à retenir et difficiles à deviner.",
    refused: "Ce mot de passe ne convient pas encore :",
    rules: Rules {
        short: "Il lui faut au moins {number} caractères.",
        long: "Il peut avoir au plus {number} caractères.",
        control: "Il contient un caractère qu’aucun clavier n’écrit. Tapez-le au lieu de le coller.",
        letter: "Il lui faut une lettre.",
        digit: "Il lui faut un chiffre.",
        capital: "Il lui faut une majuscule.",
        small: "Il lui faut une minuscule.",
        symbol: "Il lui faut un symbole, comme ! ou ?.",
        common: "Il est de ceux que d’autres essaient en premier. Choisissez-en un autre.",
        personal: "Ce n’est guère plus qu’un nom. Ajoutez des mots sans rapport avec vous ni avec la boutique.",
        guessable: "Il serait vite deviné. Ajoutez un ou deux mots sans rapport entre eux.",
    },
    store_says: "{store} n’accepte pas ce mot de passe. La raison :",
    not_everywhere: "Votre mot de passe n’a pas pu être enregistré chez {store}. Votre lien reste valable : réessayez dans un instant.",
    not_now: "Votre compte n’est pas joignable en ce moment. Votre lien reste valable : réessayez dans quelques minutes.",
    busy: "Votre mot de passe est en cours d’enregistrement dans un autre onglet. S’il n’y a pas réussi, réessayez dans une minute.",
    too_often: "Il y a eu de très nombreux essais depuis votre réseau. Votre lien reste valable : réessayez dans {number} minutes.",
    done: "Votre mot de passe est enregistré",
    done_at: "Vous pouvez maintenant vous connecter avec lui chez {store}.",
    close: "Vous pouvez fermer cette page.",
    dead: [
        [
            "Ce lien ne fonctionne pas",
            "Il est peut-être incomplet. Ouvrez le lien entier de votre courriel ou demandez-en un nouveau.",
        ],
        [
            "Ce lien a déjà servi",
            "Votre mot de passe a été enregistré avec lui. Si vous l’avez oublié, demandez un nouveau lien.",
        ],
        ["Il existe un lien plus récent", "Ouvrez le lien du dernier courriel ou demandez-en un nouveau."],
        ["Ce lien a expiré", "Demandez-en un nouveau. Il viendra à la même adresse."],
    ],
    again: "M’envoyer un nouveau lien",
    ask: "Choisir un nouveau mot de passe",
    ask_why: "Indiquez l’adresse de courriel de votre compte. Vous recevrez un lien pour choisir un nouveau mot de passe.",
    email: "Adresse de courriel",
    send: "Envoyer le lien",
    asked: "Regardez votre boîte aux lettres",
    asked_why: "S’il existe un compte avec cette adresse, un courriel avec un lien est en route. Cela peut prendre quelques minutes ; regardez aussi parmi les indésirables. Vous pourrez redemander après dix minutes.",
    foreign: [
        "Ce formulaire n’est pas le vôtre",
        "Il est trop ancien ou vient d’une autre page. Ouvrez de nouveau le lien de votre courriel.",
    ],
    bad: ["Cela n’a pas pu être lu", "Revenez en arrière et remplissez de nouveau le formulaire."],
    broken: [
        "Quelque chose a échoué",
        "Ce n’est pas votre faute. Rien n’est perdu : réessayez dans quelques minutes.",
    ],
};
