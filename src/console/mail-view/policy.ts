/** How a mail of ours is shown: in a frame without an origin, which loads nothing and runs nothing. */

/** Mails carry their styles with them, as mail programs want it; in a frame of its own they reach nothing else. */
export const OUR_MAIL_POLICY = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: ["'unsafe-inline'"],
      formAction: ["'none'"],
      baseUri: ["'none'"],
      frameAncestors: ["'self'"],
      sandbox: [],
    },
  },
  // It has no origin that could have a process of its own.
  originAgentCluster: false,
  xFrameOptions: { action: 'sameorigin' as const },
};
