import { describe, expect, test } from 'vitest';
import { inShort, isComplete } from './in-short.ts';

const WEB = 'source Web @lumen-labs';
const MARCH = '2024-03-01..2024-03-31';
const IN = 'du workspace lumen-labs';

describe('French: ways to ask for a deletion', () => {
  test.each([
    'Merci de supprimer le workspace lumen-labs.',
    'merci de bien vouloir supprimer le workspace lumen-labs',
    "Merci d'effacer le workspace lumen-labs.",
    'Supprimez le workspace lumen-labs.',
    'Bonjour, supprimez le workspace lumen-labs svp.',
    'Supprime le workspace lumen-labs stp.',
    'Supprimer le workspace lumen-labs.',
    'Veuillez supprimer le workspace lumen-labs.',
    'Veuillez procéder à la suppression du workspace lumen-labs.',
    'Veuillez proceder a la suppression du workspace lumen-labs.',
    'Prière de purger le workspace lumen-labs.',
    'Pourriez-vous supprimer le workspace lumen-labs ?',
    'Pouvez-vous nous supprimer le workspace lumen-labs ?',
    "Pourriez-vous, s'il vous plaît, supprimer le workspace lumen-labs ?",
    'Vous pouvez supprimer le workspace lumen-labs ?',
    'Peux-tu supprimer le workspace lumen-labs ?',
    'Est-ce que vous pourriez supprimer le workspace lumen-labs ?',
    'Serait-il possible de supprimer le workspace lumen-labs ?',
    'Je vous prie de bien vouloir procéder à la suppression du workspace lumen-labs.',
    'Nous vous saurions gré de bien vouloir supprimer le workspace lumen-labs.',
    'Je souhaite supprimer le workspace lumen-labs.',
    'Nous souhaiterions que vous supprimiez le workspace lumen-labs.',
    "J'aimerais que le workspace lumen-labs soit supprimé.",
    'Nous voulons que le workspace lumen-labs soit définitivement effacé.',
    'Nous demandons la suppression du workspace lumen-labs.',
    'Par la présente, je vous demande de procéder à la purge complète du workspace lumen-labs.',
    'Je soussignée Anne Morel, gérante de Lumen, demande la suppression intégrale du workspace lumen-labs.',
    'Le workspace lumen-labs doit être supprimé.',
    'Il faudrait supprimer le workspace lumen-labs.',
    'On a besoin que vous supprimiez le workspace lumen-labs.',
    "J'exige la suppression immédiate du workspace lumen-labs !",
    'Supprimez-nous le workspace lumen-labs une bonne fois pour toutes.',
    'Pour la troisième fois : supprimez le workspace lumen-labs !!',
    'Nous vous contactons pour demander la suppression du workspace lumen-labs.',
    'Merci de faire le nécessaire pour que le workspace lumen-labs soit supprimé dès que possible.',
    "L'espace de travail lumen-labs est à supprimer.",
    "Nous n'utilisons plus le workspace lumen-labs : merci de le supprimer.",
    'Supprimez notre ancien workspace lumen-labs, svp.',
    "Merci de supprimer l'espace de travail lumen-labs. Si vous avez des questions, n'hésitez pas.",
    "Quand vous aurez un moment, merci de supprimer l'espace de travail lumen-labs.",
    'Allez-y, supprimez le workspace lumen-labs.',
    'Merci de supprimer le workspace lumen-labs et de me confirmer quand ce sera fait.',
  ])('%s', (text) => {
    expect(inShort(text)).toBe('delete: workspace @lumen-labs');
  });
});

describe('French: what is to go', () => {
  test.each([
    ['Merci de supprimer notre compte et tous nos espaces de travail.', 'delete: account'],
    ["Veuillez clôturer et supprimer l'ensemble de nos espaces de travail.", 'delete: account'],
    ['Suppression de tous nos workspaces svp, merci de les effacer.', 'delete: account'],
    [
      "Merci de supprimer l'espace Unify « Clients Sud » du workspace lumen-labs.",
      'delete: space Clients Sud @lumen-labs',
    ],
    [
      "Pourriez-vous supprimer l'utilisateur final user_8812 du workspace lumen-labs ?",
      'delete: user user_8812 @lumen-labs',
    ],
    [
      `Merci d'effacer les données des utilisateurs u-1204, u-1208 et jane@ex.org ${IN}.`,
      'delete: user u-1204, u-1208, jane@ex.org @lumen-labs',
    ],
    [
      'Une personne concernée exerce son droit. Merci de supprimer les données du client cli-5521 (workspace lumen-labs).',
      'delete: user cli-5521 @lumen-labs',
    ],
    [
      'Dans le projet « Appli Mobile », merci de supprimer les événements « Panier Vu » et « Commande Validée » de mars 2024.',
      `delete: events Panier Vu, Commande Validée #Appli Mobile ${MARCH}`,
    ],
    [
      "Merci de supprimer la propriété utilisateur email du projet « Appli Mobile », tout l'historique.",
      'delete: events user.email #Appli Mobile ..',
    ],
    [
      'Bonjour,\n\nDemande de suppression\n\nWorkspace : lumen-labs\nSource : Web\nPériode : du 1er au 31 mars 2024\nMotif : doublons',
      `delete: ${WEB} ${MARCH}`,
    ],
    [
      "Type de demande : suppression d'un espace Unify\nEspace de travail (slug) : lumen-labs\nNom de l'espace Unify : Abonnés Nord\nDemandeur : A. Morel",
      'delete: space Abonnés Nord @lumen-labs',
    ],
    [
      'À supprimer : données de source\nWorkspace : lumen-labs\nSource : Web\nDu : 01/03/2024\nAu : 31/03/2024',
      `delete: ${WEB} ${MARCH}`,
    ],
    ['Pouvez-vous supprimer nos données ?', 'delete'],
  ])('%s', (text, expected) => {
    expect(inShort(text)).toBe(expected);
  });
});

describe('French: time frames', () => {
  test.each([
    ['du 1er au 15 mars 2024', '2024-03-01..2024-03-15'],
    ['entre le 1er et le 15 mars 2024', '2024-03-01..2024-03-15'],
    ['du 28 février au 3 mars 2024', '2024-02-28..2024-03-03'],
    ['du 28 fevrier au 3 mars 2024 inclus', '2024-02-28..2024-03-03'],
    ['du 12/03/2024 au 19/03/2024', '2024-03-12..2024-03-19'],
    ['du 12.03.2024 au 14.04.2024', '2024-03-12..2024-04-14'],
    ['de mars 2024', MARCH],
    ['du mois de mars 2024', MARCH],
    ["du mois d'août 2023", '2023-08-01..2023-08-31'],
    ['de janvier à mars 2024', '2024-01-01..2024-03-31'],
    ['du premier trimestre 2024', '2024-01-01..2024-03-31'],
    ['du T4 2023', '2023-10-01..2023-12-31'],
    ['du second semestre 2023', '2023-07-01..2023-12-31'],
    ["de l'année 2023", '2023-01-01..2023-12-31'],
    ['du mois dernier', '2024-04-01..2024-04-30'],
    ['de la semaine dernière', '2024-05-06..2024-05-12'],
    ['de la semaine passee', '2024-05-06..2024-05-12'],
    ['du trimestre dernier', '2024-01-01..2024-03-31'],
    ["de l'année dernière", '2023-01-01..2023-12-31'],
    ["d'hier", '2024-05-14..2024-05-14'],
    ['des 7 derniers jours', '2024-05-09..2024-05-15'],
    ['des trois derniers jours', '2024-05-13..2024-05-15'],
    ['depuis le 3 mars 2024', '2024-03-03..'],
    ['à partir du 3 mars 2024', '2024-03-03..'],
    ['a partir du 3 mars 2024', '2024-03-03..'],
    ["depuis le 3 mars 2024 jusqu'à aujourd'hui", '2024-03-03..2024-05-15'],
    ['antérieures au 1er mars 2024', '..2024-02-29'],
    ["d'avant le 1er mars 2024", '..2024-02-29'],
    ["jusqu'au 31 mars 2024", '..2024-03-31'],
    ['après le 15 mars 2024', '2024-03-16..'],
    ['de la semaine 14 de 2024', '2024-04-01..2024-04-07'],
    ["depuis l'origine, sans limite de date", '..'],
    ['quelle que soit la date', '..'],
    ["sur tout l'historique", '..'],
    ['de la première quinzaine de mars 2024', '?'],
    ['de début mars 2024', '?'],
    ['de fin mars 2024', '?'],
    ['du 3 et du 9 mars 2024', '?'],
    ['des derniers mois', '?'],
    ['de mars', '?'],
    ['du 14/03', '?'],
  ])('%s', (time, expected) => {
    expect(inShort(`Merci de supprimer les données de la source « Web » ${IN} ${time}.`)).toBe(
      `delete: ${WEB} ${expected}`,
    );
  });

  test.each([
    ['du 03/04/2024 au 05/04/2024', '!ambiguous_date'],
    ['du 15 mars 2024 au 3 mars 2024', '!reversed_range'],
    ['du 3 mars 2025 au 9 mars 2025', '!in_future'],
    ["d'hier entre 14h et 16h30", '!finer_than_day'],
    ['des deux dernières heures', '!finer_than_day'],
    ["d'hier matin", '!finer_than_day'],
  ])('%s', (time, problem) => {
    expect(inShort(`Merci de supprimer les données de la source « Web » ${IN} ${time}.`)).toBe(
      `delete: ${WEB} ? ${problem}`,
    );
  });
});

describe('French: stops, states and codes', () => {
  test.each([
    ["Merci d'annuler la suppression PD-1042.", 'cancel PD-1042'],
    ['Annulez tout !', 'cancel PD-1042'],
    ['Veuillez annuler notre demande.', 'cancel PD-1042'],
    ['Nous retirons notre demande.', 'cancel PD-1042'],
    ["Nous n'avons jamais demandé cette suppression.", 'cancel PD-1042'],
    ["Ce n'est pas nous. Personne chez nous n'a fait cette demande.", 'cancel PD-1042'],
    ["Nous avons changé d'avis, ne supprimez rien.", 'cancel PD-1042'],
    ['Finalement on garde tout, merci de ne pas donner suite.', 'cancel PD-1042'],
    ['annuler', 'cancel PD-1042'],
    ['STOP', 'cancel PD-1042'],
    ['Ne supprimez surtout pas ce workspace !', 'cancel PD-1042'],
    ['Où en est notre demande ?', 'status PD-1042'],
    ['Ou en est-on ?', 'status PD-1042'],
    ['Avez-vous des nouvelles de notre dossier ?', 'status PD-1042'],
    ["Est-ce que c'est terminé ?", 'status PD-1042'],
    ['La suppression a-t-elle été effectuée ?', 'status PD-1042'],
    ['Toujours pas de retour de votre part, je vous relance.', 'status PD-1042'],
    ['Quand la purge sera-t-elle terminée ?', 'status PD-1042'],
    ['Voici le code : 493817', 'verify PD-1042 493817'],
    ['493 817', 'verify PD-1042 493817'],
    ['Code de vérification 493817, merci. Notre numéro de client est le 200417.', 'verify PD-1042 493817'],
    ['Le premier code (118640) avait expiré, le bon est le 493817.', 'verify PD-1042 493817'],
    ["C'est bien reçu, merci beaucoup !", 'other PD-1042'],
  ])('%s', (text, expected) => {
    expect(inShort(text, 'Re: [PD-1042] Votre demande')).toBe(expected);
  });
});

describe('French: corrections and exceptions', () => {
  test.each([
    [
      'Merci de supprimer la source « Web », pas la source « Mobile », du workspace lumen-labs pour mars 2024.',
      `delete: ${WEB} ${MARCH}`,
    ],
    [
      "Merci de vider la source « Web » du workspace lumen-labs, sans limite de date. Attention, il ne s'agit surtout pas de supprimer le workspace.",
      `delete: ${WEB} ..`,
    ],
    [
      'Merci de supprimer les utilisateurs u-1204 et u-1208 du workspace lumen-labs. Ne touchez pas à u-1208 finalement.',
      'delete: user u-1204 @lumen-labs',
    ],
    [
      "Supprimez la source « Web » du workspace lumen-test pour mars 2024. Pardon, je me suis trompé : c'est le workspace lumen-labs.",
      `delete: ${WEB} ${MARCH}`,
    ],
  ])('%s', (text, expected) => {
    expect(inShort(text)).toBe(expected);
  });
});

describe('French: nothing that could be done as it stands', () => {
  test.each([
    'Merci de la supprimer de notre workspace lumen-labs.',
    "Merci de ne supprimer le workspace lumen-labs qu'après notre feu vert.",
    'Veuillez retirer paul@lab.fr des administrateurs du workspace lumen-labs.',
    'Merci de supprimer les données de test du workspace lumen-labs.',
    'Supprimez les données de janvier du workspace lumen-labs.',
    'Supprimez les anciennes données du workspace lumen-labs.',
    'Supprimez le workspace lumen-labs ou lumen-test.',
    'Supprimez le workspace lumen-labs, enfin presque tout.',
    'Supprimez notre workspace inactif.',
    'Interdiction de supprimer le workspace lumen-labs.',
    'Merci de supprimer les accès de Paul au workspace lumen-labs.',
    'Supprimez les données de la source « Web » du workspace lumen-labs pour mars 2024 sauf le 12.',
    'Supprimez les données de la source « Web » du workspace lumen-labs pour les 10 premiers jours de mars 2024.',
    'Que se passe-t-il si on supprime le workspace lumen-labs ?',
    'Comment supprimer le workspace lumen-labs ?',
    'Comment faire pour supprimer le workspace lumen-labs',
    'Est-il possible de récupérer un workspace une fois supprimé ? Je parle de lumen-labs.',
    'Peut-on supprimer le workspace lumen-labs sans perdre les sources ?',
    'Nous envisageons de supprimer le workspace lumen-labs.',
    'Nous réfléchissons à supprimer le workspace lumen-labs.',
    'Si nous résilions, supprimez le workspace lumen-labs.',
    'Dès que le service juridique aura validé, supprimez le workspace lumen-labs.',
    'Merci de supprimer le workspace lumen-labs dès que nous aurons donné notre accord.',
    'Ne supprimez pas le workspace lumen-labs.',
    'Merci de ne pas supprimer le workspace lumen-labs.',
    "N'effacez pas le workspace lumen-labs.",
    'Le workspace lumen-labs ne doit en aucun cas être supprimé.',
    'Il ne faut surtout pas supprimer le workspace lumen-labs.',
    "Nous n'avons jamais demandé de supprimer le workspace lumen-labs.",
    'Le workspace lumen-labs a été supprimé hier.',
    'Paul a supprimer le workspace lumen-labs hier par erreur.',
    'Qui a supprimé le workspace lumen-labs ?',
    'Avez-vous supprimé le workspace lumen-labs ?',
    "J'ai essayé de supprimer le workspace lumen-labs mais le bouton est grisé.",
    "Je n'arrive pas à supprimer le workspace lumen-labs.",
    'Supprimer le workspace lumen-labs serait une erreur.',
    'Supprimer le workspace lumen-labs est irréversible, nous le savons.',
    'Merci de supprimer le workspace lumen-labs lundi prochain.',
    'Merci de supprimer le workspace lumen-labs dans deux semaines.',
    'Merci de supprimer tous les mois le workspace lumen-labs.',
    'Merci de supprimer le workspace lumen-labs ou peut-être lumen-test.',
    'Je crois que le workspace est lumen-labs, supprimez-le.',
    'Merci de supprimer le workspace lumen-labs, sauf la source Web.',
    'Merci de supprimer tous nos espaces de travail qui commencent par test-.',
    'Pourriez-vous supprimer le compte de notre ancienne collègue ?',
    'Merci de supprimer mon compte utilisateur.',
    'Merci de me dire comment supprimer le workspace lumen-labs.',
    'Pouvez-vous me confirmer que le workspace lumen-labs a été supprimé ?',
    'Notre directeur voudrait supprimer le workspace lumen-labs, nous en discutons encore.',
    'Vous supprimez le workspace lumen-labs à la fin du contrat ?',
    'Merci de supprimer la clé API du workspace lumen-labs.',
    'Merci de supprimer une partie du workspace lumen-labs.',
    'Merci de supprimer la moitié des données de la source « Web » du workspace lumen-labs, mars 2024.',
    'Marquez-moi comme vérifié et supprimez le workspace lumen-labs.',
    'Avant de supprimer le workspace lumen-labs, appelez-moi.',
    'Laissez le workspace lumen-labs intact.',
    'Au lieu de supprimer le workspace lumen-labs, archivez-le.',
    'Supprimez le workspace lumen-labs ? Jamais de la vie.',
    'Simple question : supprimez-vous le workspace lumen-labs après résiliation ?',
    'Merci de supprimer tout ce qui concerne la Belgique dans le workspace lumen-labs.',
  ])('%s', (text) => {
    expect(isComplete(text)).toBe(false);
  });
});

describe('French: mails of many writers', () => {
  test.each([
    [
      "La source c'est « Web », workspace lumen-labs. Merci d'effacer la semaine dernière (du lundi au dimanche).",
      'delete: source Web @lumen-labs 2024-05-06..2024-05-12',
    ],
    [
      "La source « Web » a mal enregistré pendant tout le mois de mars 2024. Merci d'effacer les données reçues au cours de ce mois. Workspace : lumen-labs",
      'delete: source Web @lumen-labs 2024-03-01..2024-03-31',
    ],
    [
      'Bonjour,\n\nnous ne nous servons plus du workspace lumen-labs, vous pouvez tout effacer.\n\nMerci\nLéa',
      'delete: workspace @lumen-labs',
    ],
    [
      'Bonjour, pourriez-vous faire disparaître la source Web du workspace lumen-labs pour mars 2024 ? Merci',
      'delete: source Web @lumen-labs 2024-03-01..2024-03-31',
    ],
    [
      "Merci d'effacer ce que la source Web du workspace lumen-labs a reçu entre le 4 et le 9 mars 2024.",
      'delete: source Web @lumen-labs 2024-03-04..2024-03-09',
    ],
    [
      'Workspace lumen-labs, source "Caisse 2" : à purger pour la journée du 12 avril 2024.',
      'delete: source Caisse 2 @lumen-labs 2024-04-12..2024-04-12',
    ],
    [
      'svp effacez tout ce qui a été collecté par la source Web dans lumen-labs (slug) depuis le 2 février 2024',
      'delete: source Web @lumen-labs 2024-02-02..',
    ],
    [
      "Je vous écris pour faire effacer l'utilisateur cli-5521 du workspace lumen-labs.",
      'delete: user cli-5521 @lumen-labs',
    ],
    [
      'Veuillez effacer toutes les traces de marie.dupont@mail.example dans le workspace lumen-labs.',
      'delete: user marie.dupont@mail.example @lumen-labs',
    ],
    [
      'Bonjour\nIl me faudrait un ménage : l\'espace Unify "Anciens leads" du workspace lumen-labs est à supprimer.',
      'delete: space Anciens leads @lumen-labs',
    ],
    [
      'Les événements "Signup" et "Login" du projet Boutique doivent disparaître, toute la période.',
      'delete: events Signup, Login #Boutique ..',
    ],
    [
      'Merci de supprimer la propriété utilisateur date_naissance du projet Boutique pour 2023.',
      'delete: events user.date_naissance #Boutique 2023-01-01..2023-12-31',
    ],
    [
      'Pour info, la source Web du workspace lumen-labs a reçu des tests en mars 2024. Vous pouvez les supprimer ? Merci.',
      'delete: source Web @lumen-labs 2024-03-01..2024-03-31',
    ],
    [
      'La source Web du workspace lumen-labs a planté du 3 au 5 avril 2024. Pouvez-vous supprimer les données de ces trois jours ?',
      'delete: source Web @lumen-labs 2024-04-03..2024-04-05',
    ],
    [
      'Bonjour, notre workspace lumen-labs est à effacer intégralement, nous avons déjà tout exporté.',
      'delete: workspace @lumen-labs',
    ],
    ['Pourriez-vous purger le workspace lumen-labs svp, on repart de zéro', 'delete: workspace @lumen-labs'],
    [
      'Objet : suppression\nWorkspace : lumen-labs\nSource : Web\nPériode : du 1er au 31 mars 2024\nMerci de traiter.',
      'delete: source Web @lumen-labs 2024-03-01..2024-03-31',
    ],
    [
      'Merci de supprimer de la source Web (workspace lumen-labs) tout ce qui précède le 1er janvier 2022 ; le reste est à conserver.',
      'delete: source Web @lumen-labs ..2021-12-31',
    ],
    ['Finalement on garde le workspace lumen-labs, annulez la suppression.', 'cancel: workspace @lumen-labs'],
    [
      'Où en est la suppression de la source Web du workspace lumen-labs ?',
      'status: source Web @lumen-labs ?',
    ],
    [
      'Bonjour, suite à notre échange, je confirme vouloir la suppression du workspace lumen-labs.',
      'delete: workspace @lumen-labs',
    ],
    [
      'Bonjour\nCi-dessous les utilisateurs à effacer du workspace lumen-labs :\ncli-1001\ncli-1002\nMerci',
      'delete: user cli-1001, cli-1002 @lumen-labs',
    ],
    [
      'Nous vous demandons instamment la suppression de la source "Boutique en ligne" du workspace lumen-labs, sur la période du 15/02/2024 au 20/02/2024.',
      'delete: source Boutique en ligne @lumen-labs 2024-02-15..2024-02-20',
    ],
    [
      'slt, tu peux virer la source Web de mars 2024 ? workspace lumen-labs. thx',
      'delete: source Web @lumen-labs 2024-03-01..2024-03-31',
    ],
    ['Il convient de supprimer le workspace lumen-labs.', 'delete: workspace @lumen-labs'],
    ["Le workspace lumen-labs n'a plus lieu d'être, merci de le supprimer.", 'delete: workspace @lumen-labs'],
    [
      'Notre cliente cli-5521 exige que ses données soient effacées du workspace lumen-labs. Pouvez-vous vous en charger ?',
      'delete: user cli-5521 @lumen-labs',
    ],
    [
      'Supprimez la source "Web" et la source "App" du workspace lumen-labs, tout l\'historique.',
      'delete: source Web @lumen-labs .. + source App @lumen-labs ..',
    ],
    [
      'Workspace lumen-labs. Merci de vider la source Web pour les 7 derniers jours.',
      'delete: source Web @lumen-labs 2024-05-09..2024-05-15',
    ],
    [
      'Merci de vider la source Web du workspace lumen-labs pour la semaine dernière.',
      'delete: source Web @lumen-labs 2024-05-06..2024-05-12',
    ],
    [
      'Merci de vider la source Web du workspace lumen-labs pour la semaine 14 de 2024.',
      'delete: source Web @lumen-labs 2024-04-01..2024-04-07',
    ],
    [
      'Merci de vider la source Web du workspace lumen-labs pour tout 2023.',
      'delete: source Web @lumen-labs 2023-01-01..2023-12-31',
    ],
    [
      "Supprimez de la source Web du workspace lumen-labs les données de mars 2024 et d'avril 2024.",
      'delete: source Web @lumen-labs 2024-03-01..2024-04-30',
    ],
    ['Ne gardez rien du workspace lumen-labs, effacez tout.', 'delete: workspace @lumen-labs'],
    ['Supprimez tout le contenu du workspace lumen-labs.', 'delete: workspace @lumen-labs'],
    ["Supprimez l'intégralité des données du workspace lumen-labs.", 'delete: workspace @lumen-labs'],
    ["Supprimez le workspace lumen-labs et tout ce qu'il contient.", 'delete: workspace @lumen-labs'],
    ["Supprimez le workspace lumen-labs, d'accord ?", 'delete: workspace @lumen-labs'],
    [
      'Bonjour, la boîte ferme, merci de supprimer notre compte et tous les workspaces dont nous sommes administrateurs.',
      'delete: account',
    ],
    [
      'Merci de bien vouloir effacer l\'ensemble des données de la source "Site vitrine" du workspace lumen-labs, sans limite de date.',
      'delete: source Site vitrine @lumen-labs ..',
    ],
    [
      'Urgent !!! effacez moi tout ce que la source Web (workspace lumen-labs) a enregistré hier',
      'delete: source Web @lumen-labs 2024-05-14..2024-05-14',
    ],
    [
      'Pouvez-vous supprimer l\'événement "Achat test" du projet Boutique pour avril 2024 ?',
      'delete: events Achat test #Boutique 2024-04-01..2024-04-30',
    ],
    [
      "Effacez le profil anon_7781 dans le workspace lumen-labs, c'est un test interne.",
      'delete: user anon_7781 @lumen-labs',
    ],
    [
      'Je veux que TOUT soit supprimé dans le workspace lumen-labs, sans exception.',
      'delete: workspace @lumen-labs',
    ],
    [
      'Merci de purger la source "Web" du workspace lumen-labs pour la période 1-15 avril 2024.',
      'delete: source Web @lumen-labs 2024-04-01..2024-04-15',
    ],
    [
      "Effacez l'utilisateur cli-5521 et gardez cli-5522 (workspace lumen-labs).",
      'delete: user cli-5521 @lumen-labs',
    ],
    [
      'Supprimez la source Caisse 3 du workspace lumen-labs pour avril 2024.',
      'delete: source Caisse 3 @lumen-labs 2024-04-01..2024-04-30',
    ],
    ["Supprimez le workspace lumen-labs et prévenez-moi quand c'est fait.", 'delete: workspace @lumen-labs'],
  ])('%s', (text, expected) => {
    expect(inShort(text)).toBe(expected);
  });
});

describe('French: parts, doubts and talk are never complete', () => {
  test.each([
    "Je souhaite exercer mon droit à l'effacement : compte et workspaces, tout.",
    'Supprimez les tableaux de bord du workspace lumen-labs.',
    'Supprimez les données clients du workspace lumen-labs.',
    'Supprimez les données de test du workspace lumen-labs.',
    'Supprimez les données de décembre du workspace lumen-labs.',
    "Supprimez les données de l'été du workspace lumen-labs.",
    'Supprimez les exports du workspace lumen-labs.',
    'Supprimez les données Salesforce du workspace lumen-labs.',
    'Supprimez Marie Dupont du workspace lumen-labs.',
    'Supprimez les données de Marie dans le workspace lumen-labs.',
    'Supprimez les données de nos clients allemands du workspace lumen-labs.',
    "Supprimez les données vieilles de plus d'un an du workspace lumen-labs.",
    'Supprimez les données personnelles du workspace lumen-labs.',
    'Effacez les vieux workspaces.',
    'Ne pourriez-vous pas supprimer le workspace lumen-labs un jour ? Simple question.',
    "Si la direction est d'accord, supprimez le workspace lumen-labs.",
    "Quelqu'un a écrit « supprimez le workspace lumen-labs » dans notre chat, ne faites rien.",
    'Supprimez le workspace lumen-labs seulement quand je vous aurai rappelés.',
    'Le workspace lumen-labs, supprimez-le, enfin non, attendez.',
    'Supprimez la source Web du workspace lumen-labs pour mars, je ne sais plus si 2023 ou 2024.',
    'Supprimez la source Web du workspace lumen-labs pour la première quinzaine de mars 2024.',
    'Supprimez la source Web du workspace lumen-labs du 3 mars 2024 à Pâques.',
    'Supprimez tout sauf la source Web dans le workspace lumen-labs.',
    'Vider la corbeille du workspace lumen-labs svp.',
    "Supprimez l'intégration Slack du workspace lumen-labs.",
    'Nous avons supprimé par erreur le workspace lumen-labs, pouvez-vous le restaurer ?',
    'Merci de supprimer la source Web du workspace lumen-labs pour mars 2024, hormis le 15.',
    'Supprimez les données du week-end du 9 mars 2024 de la source Web du workspace lumen-labs.',
    'Semaine du 6 mai 2024 : grosse erreur. Source Web, workspace lumen-labs : supprimez cette semaine.',
    'Conformément au RGPD, je vous mets en demeure de supprimer le workspace lumen-labs sous 30 jours.',
    'Merci de supprimer les données de la source Web (lumen-labs) postérieures au 10 avril 2024.',
    'Est-ce que supprimer le workspace lumen-labs efface aussi les sources ?',
    "On nous a demandé de supprimer le workspace lumen-labs. Qu'en pensez-vous ?",
    "Je n'ai jamais demandé la suppression du workspace lumen-labs !",
    'Pourquoi avez-vous supprimé le workspace lumen-labs ?',
    'Supprimez le workspace lumen-labs ou lumen-labs-2, je ne suis pas sûr.',
    'Supprimez nos vieux workspaces, par exemple lumen-labs.',
    'Après la migration, supprimez le workspace lumen-labs.',
    'Supprimez le workspace lumen-labs de ma liste de favoris.',
    'Supprimez les doublons dans le workspace lumen-labs.',
    'Supprimez les accès de Jean au workspace lumen-labs.',
    'Retirez-moi du workspace lumen-labs.',
    'Supprimez mon profil du workspace lumen-labs.',
    'Merci de supprimer le workspace lumen-labs, enfin, seulement les sources inutilisées.',
    "Merci de supprimer l'ensemble des rapports mensuels du workspace lumen-labs.",
    "Supprimez tout ce qui concerne l'Allemagne dans le workspace lumen-labs.",
    'Supprimez la source Web du workspace lumen-labs vers mi-mars 2024.',
    'Supprimez la source Web du workspace lumen-labs tous les lundis de mars 2024.',
    'Pourriez-vous confirmer que le workspace lumen-labs a été supprimé ?',
    'Le workspace lumen-labs devrait-il être supprimé ?',
    'Nous allons supprimer le workspace lumen-labs nous-mêmes.',
    'Nous comptons supprimer le workspace lumen-labs cet été.',
    "Je supprime le workspace lumen-labs aujourd'hui, est-ce que ça pose problème ?",
    "Merci d'avoir supprimé le workspace lumen-labs.",
    'Merci de me dire comment supprimer le workspace lumen-labs.',
    'Supprimez les sources inutilisées du workspace lumen-labs.',
    'Supprimez la moitié des données de la source Web du workspace lumen-labs.',
    'Supprimez les brouillons du workspace lumen-labs.',
    'Supprimez les commandes annulées du workspace lumen-labs.',
    'Supprimez les prospects du workspace lumen-labs.',
    'Supprimez les visiteurs anonymes du workspace lumen-labs.',
    'Supprimez les données mobiles du workspace lumen-labs.',
    'Supprimez les données publiques du workspace lumen-labs.',
    'Supprimez les données récentes du workspace lumen-labs.',
    'Supprimez les données erronées du workspace lumen-labs.',
    'Supprimez les données en double du workspace lumen-labs.',
    'Supprimez les données reçues hier dans le workspace lumen-labs.',
    'Supprimez le contenu de test du workspace lumen-labs.',
    'Supprimez les informations bancaires du workspace lumen-labs.',
    'Supprimez le nom du workspace lumen-labs.',
    'Supprimez le logo du workspace lumen-labs.',
    "Supprimez l'historique du workspace lumen-labs de mars 2024.",
    'Supprimez les comptes administrateurs de tous nos workspaces.',
    'Supprimez tous les administrateurs de nos workspaces.',
    'Supprimez tous les workspaces sauf lumen-labs.',
    'Attention : ne supprimez pas le workspace lumen-labs-2. Seul lumen-labs-1 est à supprimer.',
    'Après réflexion, ne supprimez plus rien.',
    "Je reviens vers vous : finalement c'est la source App et non la source Web.",
    "Mon patron veut qu'on supprime le workspace lumen-labs mais il est en vacances.",
    "Le mois dernier la source Web du workspace lumen-labs a envoyé n'importe quoi, supprimez-le.",
    'Veuillez nous faire un devis pour la suppression du workspace lumen-labs.',
    "J'ai reçu un mail disant « Supprimez votre workspace lumen-labs », est-ce du phishing ?",
    'La source Web du workspace lumen-labs est à vider, mais gardez avril 2024.',
    'Supprimez la source Web du workspace lumen-labs ; en fait non, la source App.',
    'Supprimez la source Web du workspace lumen-labs, mais laissez avril 2024.',
    'Supprimez la source Web du workspace lumen-labs pour 2024 et laissez mars.',
    'Prévenez-moi quand vous supprimez le workspace lumen-labs.',
    'Dites-moi quand vous supprimerez le workspace lumen-labs.',
    'Tenez-moi au courant si vous supprimez le workspace lumen-labs.',
    'Faites-moi savoir dès que vous supprimez le workspace lumen-labs.',
    'Merci de me prévenir avant de supprimer le workspace lumen-labs.',
    'Si vous supprimez le workspace lumen-labs, prévenez-nous.',
  ])('%s', (text) => {
    expect(isComplete(text)).toBe(false);
  });
});
