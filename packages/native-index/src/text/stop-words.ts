/** English words that say nothing about what a tool does, and those with which people politely ask. */
export const stopWords: ReadonlySet<string> = new Set(
  `a about above after again all also am an and any are as at be because been being below between both but by can cannot could d did do does
  doing done down during each either else etc few for from further got had has have having he her here hers him his how i if in into is it its
  just ll m may me might mine more most must my no nor not of off on once only onto or other our ours out over own please re s same shall she
  should so some such t than thank thanks that the their theirs them then there these they this those through to too under until up upon us
  ve very was we were what when where whether which while who whom whose why will with within without would yes yet you your yours
  like need want wish help let know tell give hi hello hey kindly able assist looking interested e g i.e eg ie via per using use used uses user based`.split(
    /\s+/,
  ),
);
