// Google's evaluator of content security policies: reads a policy, prints what it finds in it, as JSON.
import { readFileSync } from 'node:fs'

import evaluator from 'csp_evaluator'
import { Severity } from 'csp_evaluator/dist/finding.js'
import { CspParser } from 'csp_evaluator/dist/parser.js'

const { csp } = new CspParser(readFileSync(0, 'utf8'))
const findings = new evaluator.CspEvaluator(csp).evaluate()
process.stdout.write(
  JSON.stringify(
    findings.map(({ severity, directive, value, description }) => ({ severity: Severity[severity], directive, value, description })),
  ),
)
