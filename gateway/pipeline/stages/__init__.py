"""One file for each word of the flow: receive, identify, parse, validate, translate, route, …"""
