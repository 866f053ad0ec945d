"""Cardwright on AWS, as stacks of the CDK."""
