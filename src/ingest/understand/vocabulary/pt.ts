import type { Vocabulary } from './vocabulary.ts';

const w = (words: string): readonly string[] => words.split(' ');

export const pt: Vocabulary = {
  language: 'pt',
  common: w('o a os as um uma uns umas de do da dos das ao à aos às e ou mas não nos me lhe se seu sua seus suas meu minha meus minhas nosso nossa nossos nossas você vocês é são era foi foram ser estar está estão há tem têm temos obrigado obrigada olá bom boa dia tarde prezado prezada prezados caros por para com em no na num numa sobre entre desde até durante que quem como se também só apenas já tudo todo toda todos todas dados fonte espaço trabalho eliminar apagar excluir eliminação favor este esta estes estas esse essa isso muito mais menos cumprimentos quando onde porque sempre nunca nada pois solicito gostaria queremos quero precisamos completamente definitivamente pelo pela deve devem'),
  classes: {
    delete: w('eliminar eliminem elimine apagar apaguem apague excluir excluam exclua remover removam remova purgar purguem limpar deletar deletem'), imperative: w('eliminar eliminem elimine apagar apaguem apague excluir excluam exclua remover removam remova'),
    deleted: w('eliminado eliminada eliminados eliminadas apagado apagada apagados apagadas excluído excluída excluídos excluídas removido removida removidos removidas'), deleting: w('eliminar apagar excluir remover'), deletion: w('eliminação exclusão remoção apagamento limpeza'),
    done: w('eliminado eliminada eliminados eliminadas apagado apagada apagados apagadas excluído excluída excluídos removido removida concluído concluída terminado terminada feito finalizado finalizada'), cancel: w('cancelar cancelem cancele anular anulem anule parar parem pare interromper interrompam revogar revoguem reverter revertam retirar retiramos desfazer suspender suspendam'),
  },
  acts: {
    request: ['por favor ~6 {delete}', 'favor {delete}', 'podem|pode|poderiam|poderia|podes ~9 {delete}', 'peço|pedimos|solicito|solicitamos|requeiro|requeremos ~9 {delete}|{deletion}|{deleted}', 'quero|queremos|queria|queríamos|gostaria|gostaríamos|preciso|precisamos|desejo|desejamos ~6 {delete}|{deletion}', 'deve|devem|têm|precisa|precisam ~4 {deleted}|{delete}', 'procedam à ~4 {deletion}', 'proceder à ~4 {deletion}', 'a {delete}', 'ser ~2 {deleted}', 'sejam|seja ~2 {deleted}', 'que ~2 eliminem|apaguem|excluam|removam', 'é para {delete}'],
    headline: ['pedido de ~3 {deletion}', 'solicitação de ~3 {deletion}', '{deletion} de', 'a {delete}', '{deletion}'],
    negation: ['não ~2 {delete}|{deleted}', 'não ~4 ser ~2 {deleted}', 'nunca {delete}', 'sem {delete}', 'não deve|devem ~4 {deleted}'],
    keep: ['deve|devem|tem|têm ~3 ficar|permanecer|manter-se', 'fica', 'ficam', 'manter', 'mantenham', 'mantém-se', 'conservar', 'permanece|permanecem', 'intacto', 'intactos'],
    question: ['o que acontece', 'o que aconteceria', 'como', 'é possível', 'pode-se', 'podemos|posso', 'saber se|como|o', 'quanto', 'quanto tempo', 'estamos a pensar|considerar', 'pensando em', 'talvez', 'existe alguma'],
    harmless: ['se possível', 'se for possível', 'se precisarem|precisar|faltar ~9', 'quando ~9 {done}', 'assim que possível', 'assim que ~9 {done}', 'se tiverem ~4', 'se houver ~4'],
    condition: ['se', 'caso', 'assim que', 'desde que', 'quando nós', 'a menos'],
    undecided: ['nada está decidido', 'não está decidido', 'não façam nada', 'ainda não ~3 {delete}', 'só uma pergunta', 'apenas uma pergunta', 'não é um pedido'],
    past: ['foi|foram|temos|já ~4 {deleted}', 'pedimos que', 'eliminámos|apagámos|excluímos'],
    cancel: ['por favor ~4 {cancel}', '{cancel} ~4 {deletion}|pedido|solicitação|esta|este|a|o|tudo|imediatamente', 'podem|pode|poderiam|poderia ~4 {cancel}', 'quero|queremos|gostaria|gostaríamos|precisamos|queríamos ~4 {cancel}', 'mudámos|mudamos|mudei de ideia|ideias|opinião', 'não ~3 pedimos|solicitamos|solicitámos|pediu|solicitou|pedi|solicitei|autorizámos|autorizamos', 'ninguém ~6 pediu|solicitou', 'já não queremos|quero', 'não queremos|quero mais', 'cancelamento da|do', 'não fomos nós'],
    notCancel: ['assinatura', 'subscrição', 'contrato', 'fatura', 'reunião', 'quanto tempo', 'podemos', 'até quando', 'como'],
    status: ['como está|estão|vai', 'qual o|é estado|ponto|situação|status', 'em que pé|ponto|estado', 'estado do|da', 'status do|da', 'há|alguma|algum novidades|novidade|notícias|atualização', 'já ~6 {done}', 'foi|foram ~3 {done}', 'quando ~9 {done}|eliminados|ficará', 'se ~20 {done}', 'não recebemos|recebi|tivemos notícias|resposta', 'ainda pendente', 'está|estão ~3 {done}'],
    correction: ['queria dizer', 'quis dizer', 'desculpe', 'desculpem', 'correção', 'enganei-me', 'me enganei', 'o correto é', 'em vez', 'mas sim'],
    doubt: ['queria dizer', 'quis dizer', 'correção', 'enganei-me', 'me enganei', 'o correto é', 'gralha'],
    code: ['código', 'códigos'], otherCode: ['número de cliente', 'cliente', 'fatura', 'telefone', 'tel', 'encomenda', 'pedido', 'expirado', 'primeiro código', 'anterior', 'ramal', 'processo', 'não'],
    exclusion: ['exceto', 'excepto', 'salvo', 'menos', 'com exceção', 'à exceção', 'mas não', 'fora'], orders: ['ignore|ignorem ~6 instruções', 'como verificado', 'como verificada', 'assistente de ia'], contrast: ['mas', 'só', 'apenas', 'somente', 'sim', 'porém'],
  },
  nouns: {
    workspace: ['espaço de trabalho', 'espaços de trabalho', 'área de trabalho', 'workspace', 'workspaces'], source: ['fonte', 'fontes', 'fonte de dados', 'origem', 'source'], space: ['espaço unify', 'unify space', 'espaços unify', 'espaço'],
    user: ['utilizador final', 'utilizadores finais', 'usuário final', 'usuários finais', 'utilizador', 'utilizadores', 'utilizadora', 'usuário', 'usuários', 'usuária', 'perfil', 'perfis', 'titular', 'titulares', 'cliente', 'clientes', 'pessoa', 'pessoas'],
    event: ['evento', 'eventos'], eventProperty: ['propriedade de evento', 'propriedades de evento', 'propriedade do evento', 'propriedades do evento', 'propriedade', 'propriedades'], userProperty: ['propriedade de utilizador', 'propriedades de utilizador', 'propriedade de usuário', 'propriedades de usuário', 'propriedade do utilizador', 'propriedade do usuário'], project: ['projeto', 'projetos', 'projecto'],
  },
  fields: {
    workspace: ['espaço de trabalho', 'workspace', 'slug', 'slug do workspace', 'espaço de trabalho (slug)'], workspaceId: ['id do workspace', 'id do espaço de trabalho'], source: ['fonte', 'nome da fonte', 'origem'], space: ['espaço unify', 'espaço'], user: ['utilizador', 'utilizadores', 'utilizadores finais', 'usuário', 'usuários', 'usuários finais', 'identificadores', 'titulares', 'id do utilizador', 'ids', 'utilizador final', 'usuário final'],
    event: ['evento', 'eventos'], eventProperty: ['propriedade de evento', 'propriedades de evento', 'propriedade', 'propriedades'], userProperty: ['propriedade de utilizador', 'propriedades de utilizador', 'propriedade de usuário', 'propriedades de usuário'], project: ['projeto'],
    timeFrame: ['período', 'datas', 'data', 'intervalo', 'dia', 'dias', 'mês', 'intervalo de datas'], firstDay: ['desde', 'início', 'primeiro dia', 'data de início', 'de'], lastDay: ['até', 'fim', 'último dia', 'data de fim', 'a'], action: ['pedido', 'assunto', 'ação', 'o quê', 'a eliminar', 'eliminar', 'tipo de pedido', 'solicitação', 'tipo'], ticket: ['ticket', 'referência'], aside: ['contacto', 'contato', 'motivo', 'nome', 'empresa', 'telefone', 'prazo', 'requerente', 'solicitante', 'cargo'],
  },
  everything: ['todos ~4 espaços de trabalho', 'todos ~4 workspaces', 'cada espaço de trabalho', 'a minha|nossa conta', 'minha conta', 'nossa conta', 'toda a conta', 'conta inteira'],
  linkWords: w('chamado chamada chamados com o slug id a nome denominado denominada é são identificador cujo seguintes estes estas finais final ids dois três designado designada'),
  placeWords: w('em no na de do da dentro nosso nossa ao para'), notWords: ['não', 'e não', 'em vez de', 'em vez do', 'não o', 'não a', 'exceto', 'salvo', 'não em', 'nem', 'em vez da', 'não no', 'não do', 'não da'], andWords: w('e ou bem como'),
  time: {
    months: [w('janeiro jan'), w('fevereiro fev'), w('março mar'), w('abril abr'), w('maio mai'), w('junho jun'), w('julho jul'), w('agosto ago'), w('setembro set'), w('outubro out'), w('novembro nov'), w('dezembro dez')],
    ordinals: [w('primeiro 1º'), w('segundo 2º'), w('terceiro 3º'), w('quarto último 4º')], quarters: ['trimestre'], quarterLetters: ['t', 'q'], halves: ['semestre'], ofWords: ['do ano', 'do', 'de'], numbers: { dois: 2, duas: 2, três: 3, quatro: 4, cinco: 5, seis: 6, sete: 7, dez: 10, quinze: 15, trinta: 30 },
    lastDays: ['últimos # dias'], lastWeeks: ['últimas # semanas'],
    relative: { today: ['hoje'], yesterday: ['ontem'], beforeYesterday: ['anteontem'], thisWeek: ['esta semana'], lastWeek: ['a semana passada', 'semana passada'], thisMonth: ['este mês'], lastMonth: ['o mês passado', 'mês passado', 'mês anterior'], thisQuarter: ['este trimestre'], lastQuarter: ['trimestre passado', 'último trimestre', 'trimestre anterior'], thisYear: ['este ano'], lastYear: ['o ano passado', 'ano passado', 'ano anterior'] },
    dottedDayFirst: true,
    range: ['a', 'ao', 'até', 'até ao', 'até o', 'até ao dia', 'até fim de', 'e até', 'até a', 'até ao fim de', 'a fim de', 'até o dia'], rangeAnd: ['e', 'e o', 'e o dia'], between: ['entre', 'entre o', 'entre os dias'], from: ['a partir'], since: ['desde', 'desde o', 'a partir de', 'a partir do', 'desde o dia', 'a partir do dia'], after: ['depois de', 'após', 'após o', 'posteriores a', 'depois do'], before: ['antes de', 'antes do', 'anteriores a', 'anteriores ao'], until: ['até', 'até ao', 'até o', 'até ao dia'],
    onwards: ['em diante', 'e posteriores', 'até hoje', 'até agora', 'até à data', 'até ao momento'], orEarlier: ['e anteriores', 'ou antes'],
    within: ['em', 'no dia', 'só', 'apenas', 'durante', 'para', 'de', 'do', 'do mês de', 'do dia', 'no mês de', 'todo', 'de todo', 'é', 'somente', 'em todo', 'no', 'no ano de', 'do ano', 'dos', 'nos', 'durante os', 'durante o', 'o ano', 'o mês de', 'do ano de', 'da', 'na', 'os', 'o'], deadline: ['prazo', 'o mais tardar', 'data limite', 'contrato de', 'email de', 'pedido de'], now: ['hoje', 'agora'],
    allTime: ['todo o histórico', 'histórico completo', 'desde o início', 'desde o princípio', 'sem limite', 'todas as datas', 'todo o período', 'desde sempre', 'de sempre', 'independentemente da data', 'todo o tempo', 'desde o primeiro dia'], backReference: ['esse|este|desse|nesse|deste|neste|mesmo|referido período|mês|dia|trimestre', 'esses|estes|essas|estas|nesses|nestes dias|datas', 'essa semana'], frameNouns: ['período', 'trata-se', 'afeta', 'apenas', 'só', 'somente', 'datas', 'intervalo'],
    finer: ['últimas # horas', 'esta manhã', 'esta tarde', 'ontem à', 'horas', 'meio-dia', 'minutos'], clockWords: ['horas', 'utc', 'h', 'hora'],
  },
};
