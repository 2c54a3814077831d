/** What the pages about templates need of other stages. */
import type { RenderedMail, TemplateName } from '../../domain/mail-facts.ts';
import type { Scope } from '../../domain/request.ts';

export interface Sample {
  readonly template: TemplateName;
  readonly scope: Scope;
  /** BCP 47. */
  readonly locale: string;
}

export interface TemplatePorts {
  /** Every language there are words for, and which mails it has; what it lacks goes out in English. */
  readonly languages: readonly {
    readonly tag: string;
    readonly name: string;
    readonly templates: readonly TemplateName[];
  }[];
  /** With made-up data. @throws PurgedeskError `PD_TEMPLATE_INVALID` */
  rendered(sample: Sample): RenderedMail;
  source(sample: Sample): Promise<string>;
  /** The agent's own address; `null` = they have none, or none that mail can safely be sent to. */
  addressOf(agentId: number): Promise<string | null>;
  /** Hands a sample over at once. It is marked as a test and belongs to nothing. */
  sendTest(sample: Sample, to: string): Promise<'sent' | 'later' | 'refused' | 'unknown'>;
  /** @returns seconds to wait before this agent may send another; 0 = this one may go */
  waitSeconds(agentId: number): number;
}
