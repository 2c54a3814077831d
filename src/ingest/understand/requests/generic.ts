import type { Lexicon } from '../sentences/lexicon.ts';

/** Whether a word names no thing of its own: "all", "data", "everything", "still", "our" and the like. */
export function isGeneric(word: string, lexicon: Lexicon): boolean {
  if (
    GENERAL.has(word) ||
    lexicon.linkWords.has(word) ||
    lexicon.placeWords.has(word) ||
    lexicon.andWords.has(word)
  )
    return true;
  return lexicon.language !== 'en' && lexicon.common.has(word) && !THINGS.has(word);
}

const GENERAL = new Set(
  "hold holding keep keeping retain retaining have having one ones a an the this that these those it its it's them they all any each every everything anything whatever whole entire entirely complete completely full fully total totally our my your their we you i us data content contents information record records what's what which who is are was be has have had left leftover leftovers remaining remains rest still stored store archive history collected received held kept please also only just now permanently irrevocably immediately directly time date dates day days period frame range utc inclusive incl affected said following one day's there here and of for in from to until through between with without including included belonging associated related trace traces footprint copy-free so then too soon asap possible today thanks thank want need would like alles daten données datos dados dati gegevens データ 全 て す べ を の に は が で と も".split(
    ' ',
  ),
);

/** Words that say which workspace or account, but with "data" would say which part of the data. */
export const ADJECTIVES: ReadonlySet<string> = new Set(
  'old former previous existing current own test staging demo production unused abandoned obsolete inactive deleted closed archived legacy dev sandbox alte alten ancien ancienne vieux vieil vieja viejo antigua antiguo antigo vecchio oude'.split(
    ' ',
  ),
);

/** Ordinary words that are things nonetheless. */
export const THINGS: ReadonlySet<string> = new Set(
  'event events page plan profile profiles account app error file list login message order organisation organization product question service set settings system team user users email mail reference point name names item items environment test tests demo pilote perso personnel professionnel inactif inactive inactifs inactives inutile inutiles inutilise inutilisee vide vides vieux vieil vieille doublon entreprise agence boutique filiale groupe maison mobile web europeen francais prive public interne externe archive resilie suspendu bloque desactive secondaire principal principale temporaire provisoire partage orphelin historique gratuit payant trial staging prod recette production mauvais mauvaise faux dernier derniere derniers dernieres premier premiere second deuxieme nouveau nouvelle nouvelles ancien ancienne anciens anciennes autre autres caduc perime obsolete abandonne abandonnee fantome commun annexe dedie mort actif active actuel actuelle ferme fermee parent initial herite precedent precedente suivant suivante unique seul seule cree creee ouvert ouverte correct correcte bon bonne lie liee associe associee client clients compte societe source projet utilisateur utilisateurs mois semaine jour jours annee hier prueba pruebas piloto personal profesional inactivo inactiva inactivos inactivas inutil vacio vacia viejo vieja viejos viejas antiguo antigua antiguos antiguas duplicado duplicados agencia tienda filial grupo empresa movil europeo espanol mexicano privado publico interno externo archivado suspendido bloqueado desactivado secundario temporal provisional compartido huerfano historico gratuito produccion desarrollo malo mala ultima ultimo ultimos ultimas primer primera primero segundo segunda tercero nuevo nueva nuevos otro otra otros otras caducado obsoleto obsoleta abandonado abandonada fantasma comun anexo dedicado muerto activo activa actual cerrado cerrada inicial anterior siguiente unico unica creado creada abierto correcto correcta bueno buena equivocado incorrecto asociado vinculado cliente clientes cuenta fuente proyecto usuario usuarios mes semana dia dias ano ayer antigo antiga antigos antigas abaixo acima janeiro fevereiro março marco abril maio junho julho agosto setembro outubro novembro dezembro últimos últimas último última produção producao ambiente propriedade propriedades trimestre semestre passado passada mês mês meses anos semanas ontem engano erro resposta estado código códigos codigo codigos inútil velho velha velhos velhas duplicada vazio vazia temporário temporária temporario temporaria inativo inativa inativos confidencial confidenciais crítico crítica critico critica errado errada errados erradas certo certa correto correta novo nova novos secundário secundária secundario secundaria comum público publico interno interna externo externa partilhado compartilhado original criado criada migrado migrada eliminado encerrado encerrada suspenso suspensa ativo ativa atual atuais acessível inacessível lento lenta parado parada pessoais pessoal sensíveis sensiveis histórico históricos historicos desativado desativada extinto extinta assunto pedido pedidos manhã tarde noite conta'.split(
    ' ',
  ),
);
